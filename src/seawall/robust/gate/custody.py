# SPDX-License-Identifier: MIT
"""What is served, what is kept, and the way back to it."""

from __future__ import annotations

from collections.abc import Mapping

from seawall.robust.base import Floats
from seawall.robust.gate.checkpoint import Checkpoint, CheckpointStore
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.learner import AdaptiveModel, MakesModel
from seawall.robust.gate.loss_watch import LossWatch
from seawall.robust.gate.reference import Reference
from seawall.robust.gate.standard import Scale
from seawall.robust.gate.state import Stateful, pack, unpack


class Custody:
    """Holds the adaptive model, the served one, the accepted ones, and attached parts.

    Parameters
    ----------
    reference : Reference
        Where everything begins, and the last resort.
    learner : MakesModel
        Makes the adaptive model.
    store : CheckpointStore
        Keeps accepted states.
    watch : LossWatch
        Goes back with the model.

    Attributes
    ----------
    adaptive : AdaptiveModel
        Learns.
    location, covariance : float64 arrays
        Served.
    accepted : float64 array, shape (d,)
        Location that was accepted last, or gone back to.
    checkpoint : str
        sha256 of the state that was kept last, or gone back to.
    """

    __slots__ = ("_at_first", "_learner", "_parts", "_reference", "_watch", "accepted",
                 "adaptive", "checkpoint", "covariance", "location", "store")  # fmt: skip

    def __init__(
        self, reference: Reference, learner: MakesModel, store: CheckpointStore, watch: LossWatch
    ) -> None:
        self._reference, self._learner, self._watch = reference, learner, watch
        self.store = store
        self.adaptive: AdaptiveModel = learner.make(reference)
        self.location: Floats = reference.location.copy()
        self.covariance: Floats = reference.covariance.copy()
        self.accepted: Floats = reference.location.copy()
        self.checkpoint = ""
        self._parts: dict[str, Stateful] = {}
        self._at_first: dict[str, Mapping[str, Floats]] = {}

    def attach(self, name: str, part: Stateful) -> None:
        """Keep the state of a part with the model's; its present one goes with the reference."""
        if not name or "/" in name or name in self._parts:
            raise GateError(f"cannot attach {name!r}", mend="give a new name without '/'")
        self._parts[name] = part
        self._at_first[name] = part.export()

    def serve(self) -> None:
        """Serve the adaptive model as it is."""
        self._serve(self.adaptive.location, self.adaptive.covariance)

    def serve_kept(self) -> str:
        """Serve the last accepted model, or the reference; its name."""
        kept = self.store.latest()
        if kept is None:
            self._serve(self._reference.location, self._reference.covariance)
            return ""
        self._serve(kept.arrays["model/location"], kept.arrays["model/covariance"])
        return kept.sha256

    def keep(self, ts_ns: int, scale: Scale, rows: int) -> None:
        """Keep the present state as accepted."""
        state = pack(self.adaptive, self._watch, self._parts, scale, ts_ns, rows)
        self.checkpoint = self.store.put(ts_ns, state)
        self.accepted = self.adaptive.location.copy()

    def go_back(self, scale: Scale | None = None) -> Checkpoint | None:
        """Go back to the newest whole accepted state; none when there is not one.

        Parameters
        ----------
        scale : Scale, optional
            Put back too, as when a process starts again.

        Raises
        ------
        CheckpointError
            The state does not fit, or a part refused it; everything is as it was.
        """
        kept = self.store.latest()
        if kept is None:
            return None
        unpack(kept.arrays, self.adaptive, self._watch, self._parts, scale)
        self.checkpoint = kept.sha256
        self._went_back()
        return kept

    def to_reference(self) -> str:
        """Start from the reference again; says which parts could not go with it."""
        self.adaptive = self._learner.make(self._reference)
        self._watch.reset()
        self._went_back()
        refused = []
        for name, part in self._parts.items():
            try:
                part.restore(self._at_first[name])
            except Exception:  # whatever a part raises, the model itself is safe by now
                refused.append(name)
        return f"; not put back: {', '.join(refused)}" if refused else ""

    def _went_back(self) -> None:
        self.accepted = self.adaptive.location.copy()
        self.serve()

    def _serve(self, location: Floats, covariance: Floats) -> None:
        self.location[:] = location
        self.covariance[:] = covariance
