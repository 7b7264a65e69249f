# SPDX-License-Identifier: MIT
"""Which sources are enrolled, and the room of the flat state that belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from seawall.admission.decision import Decision
from seawall.admission.errors import AdmissionError
from seawall.admission.kernel import layout as at
from seawall.admission.settings import AdmissionSettings
from seawall.admission.source import Source
from seawall.model.time import NS_PER_S

STREAMS_MAX = 65_535


@dataclass(slots=True)
class Registry:
    """Sources by number.

    Parameters
    ----------
    origins : list of Source
        Judged sources; row ``i + 1`` of the state belongs to entry ``i``.
    streams : list of Source
        Deliveries with their batches; samples name them by index.
    groups : list of str
        Names of the groups that are compared with each other; the first has no name and is
        compared with nothing.
    group_of : list of int
        Group of each origin.
    """

    origins: list[Source] = field(default_factory=list)
    streams: list[Source] = field(default_factory=list)
    groups: list[str] = field(default_factory=lambda: [""])
    group_of: list[int] = field(default_factory=list)

    def row(self, source: Source) -> int:
        """Row of a source in the state, whichever its batch.

        Raises
        ------
        AdmissionError
            When it is not enrolled.
        """
        try:
            return self.origins.index(source.origin) + 1
        except ValueError:
            raise AdmissionError(
                f"unknown source {source.text}",
                mend="seawall provenance list shows the sources that have been judged",
            ) from None

    def add(self, source: Source, group: str) -> int:
        """Enroll a delivery; return its number.

        Raises
        ------
        AdmissionError
            When its origin is in another group, or there are too many.
        """
        if source in self.streams:
            number = self.streams.index(source)
            self._same_group(source, group)
            return number
        if len(self.streams) >= STREAMS_MAX:
            raise AdmissionError(f"more than {STREAMS_MAX} streams", mend="start a new state")
        if source.origin in self.origins:
            self._same_group(source, group)
        else:
            if group not in self.groups:
                self.groups.append(group)
            self.origins.append(source.origin)
            self.group_of.append(self.groups.index(group))
        self.streams.append(source)
        return len(self.streams) - 1

    def _same_group(self, source: Source, group: str) -> None:
        known = self.groups[self.group_of[self.row(source) - 1]]
        if known != group:
            raise AdmissionError(
                f"{source.text} is compared with {known or 'nothing'!r}, not {group!r}",
                mend="a source stays in its group",
            )

    def make_room(self, old: at.State | None, settings: AdmissionSettings) -> at.State:
        """Return a state with room for all sources that holds what the old one held."""
        seats = [self.group_of[:i].count(g) for i, g in enumerate(self.group_of)]
        state = at.blank(
            len(self.origins), len(self.streams), len(self.groups), max(seats, default=0) + 1,
            settings.reservoir_cap, settings.history_cap, settings.log_cap,
        )  # fmt: skip
        first = 1
        if old is not None:
            for name, new, was in zip(at.State._fields, state, old, strict=True):
                if name not in (*at.DERIVED, "pi", "pf"):
                    new[tuple(slice(0, n) for n in was.shape)] = was
            first = old.ints.shape[0]
        state.order[:, 0] = np.argsort(state.peer_value, axis=1, kind="stable")
        state.order[:, 1] = np.argsort(state.order[:, 0], axis=1)
        _set_parameters(state, settings)
        for row in range(first, len(self.origins) + 1):
            self._begin(state, row, seats[row - 1], settings)
        for number, stream in enumerate(self.streams):
            state.route[number] = self.row(stream)
        self._weigh(state)
        return state

    def _begin(self, s: at.State, row: int, seat: int, settings: AdmissionSettings) -> None:
        s.ints[row, at.GROUP], s.ints[row, at.SEAT] = self.group_of[row - 1], seat
        s.ints[row, at.QUOTA] = settings.quota_min
        s.ints[row, at.CREDIT] = s.pi[at.P_BURST_NS]
        s.floats[row, at.TRUST] = settings.trust_min
        s.floats[row, at.SCALE] = settings.scale_start
        group = self.group_of[row - 1]
        if s.groups[group, at.G_SCALE] == 0.0:
            s.groups[group, at.G_SCALE] = settings.scale_start

    def _weigh(self, s: at.State) -> None:
        """Share one voice among the sources of a venue in a group."""
        names = [(g, o.venue) for g, o in zip(self.group_of, self.origins, strict=True)]
        for row, name in enumerate(names, 1):
            s.floats[row, at.WEIGHT] = 1.0 / names.count(name)
            silent = s.ints[row, at.SUSPENDED] or s.ints[row, at.BARRED]
            weight = 0.0 if silent else s.floats[row, at.WEIGHT]
            s.peer_weight[s.ints[row, at.GROUP], s.ints[row, at.SEAT]] = weight

    def bar(self, s: at.State, patterns: tuple[str, ...]) -> None:
        """Make the state refuse what the patterns cover, and nothing else."""
        for number, stream in enumerate(self.streams):
            s.barred[number] = any(stream.under(p) for p in patterns)
        for row, origin in enumerate(self.origins, 1):
            s.ints[row, at.BARRED] = any(origin.under(p) for p in patterns)
        self._weigh(s)


def _set_parameters(s: at.State, settings: AdmissionSettings) -> None:
    assert len(Decision) == at.REASONS
    cost = max(1, round(NS_PER_S / settings.rate_per_s))
    s.pi[:] = (
        settings.epoch_ns, settings.stale_ns, settings.skew_ns, settings.fresh_ns, cost,
        settings.burst * cost, settings.quota_min, settings.quota_max, settings.peers_min,
        settings.samples_min, settings.suspend_epochs,
    )  # fmt: skip
    s.pf[:] = np.array(
        (
            settings.disagree_sigmas, settings.refuse_sigmas, settings.scale_floor,
            settings.basis_max, settings.basis_half_life_ns, settings.noise_ratio_max,
            settings.repeats_max, settings.trust_min, settings.trust_half_life_ns,
            settings.evidence_max, settings.loss_weight, settings.reservoir_half_life_ns,
            settings.refuse_floor,
        ),
        dtype=np.float64,
    )  # fmt: skip
