# SPDX-License-Identifier: MIT
"""Admission of samples: the one object that the other rooms use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.admission.decision import Decision
from seawall.admission.errors import AdmissionError
from seawall.admission.kernel import layout as at
from seawall.admission.registry import Registry
from seawall.admission.settings import AdmissionSettings
from seawall.admission.shares import Concentration, concentration
from seawall.admission.source import Source, clean_pattern

if TYPE_CHECKING:
    from seawall.admission.explain import SourceReport, Suspicion

KEPT = np.dtype(
    [("ts", "<i8"), ("stream", "<i8"), ("seq", "<i8"), ("value", "<f8"), ("key", "<f8")]
)
"""Record of a sample in the reservoir; ``ts`` in ns UTC, ``stream`` the number at enrolment."""

REJECTED = np.dtype(
    [("reason", "u1"), ("ts", "<i8"), ("stream", "<i8"), ("seq", "<i8"), ("value", "<f8"),
     ("scale", "<f8")]
)  # fmt: skip
"""Record of a sampled rejection; ``scale`` is the source's scale of agreement then."""


class Admission:
    """Judges samples by what is known of their sources.

    Memory is bounded by the number of sources; time is that of the samples, so equal
    samples and seeds give equal decisions however they are cut into calls.

    Parameters
    ----------
    settings : AdmissionSettings, optional
        How sources are judged.
    seed : int
        Of the reservoir and of the log of rejections.
    """

    def __init__(self, settings: AdmissionSettings | None = None, *, seed: int = 1) -> None:
        if not 0 <= seed < 1 << 64:
            raise AdmissionError(f"seed {seed}", mend="give 0 to 2**64 - 1")
        self.settings = settings or AdmissionSettings()
        self.registry = Registry()
        self.bans: tuple[str, ...] = ()
        self.state = self.registry.make_room(None, self.settings)
        self.state.rng[0] = seed
        self.ban(())

    def enroll(self, source: Source | str, group: str = "") -> int:
        """Make a source known.

        Parameters
        ----------
        source : Source or str
            With its batch; a new batch of a known origin goes on with the origin's record.
        group : str
            Sources of one group describe the same thing, such as the price of BTC, and are
            compared; without a group values are compared with nothing.

        Returns
        -------
        int
            Number by which samples name it.
        """
        return self.enroll_all([(source, group)])[0]

    def enroll_all(self, sources: Iterable[tuple[Source | str, str]]) -> list[int]:
        """Make many sources known at once; returns their numbers."""
        known = len(self.registry.streams)
        numbers = [
            self.registry.add(Source.parse(s) if isinstance(s, str) else s, group)
            for s, group in sources
        ]
        if len(self.registry.streams) > known:
            self.state = self.registry.make_room(self.state, self.settings)
            self.registry.bar(self.state, self.bans)
        return numbers

    def ban(self, patterns: Iterable[str]) -> None:
        """Refuse what is under the patterns or those of the settings, and nothing else.

        The decision of a person belongs into the :class:`~seawall.admission.audit.Audit`;
        pass its ``banned()`` here.
        """
        wanted = (*self.settings.banned, *patterns)
        self.bans = tuple(sorted({clean_pattern(p) for p in wanted}))
        self.registry.bar(self.state, self.bans)

    def admit(
        self,
        ts: npt.ArrayLike,
        stream: npt.ArrayLike,
        value: npt.ArrayLike,
        *,
        lag_ns: npt.ArrayLike | None = None,
        seq: npt.ArrayLike | None = None,
        judged: npt.ArrayLike | None = None,
    ) -> npt.NDArray[np.uint8]:
        """Decide samples in the order in which they were received.

        Parameters
        ----------
        ts : array_like of int, shape (n,)
            Receive times, ns UTC.
        stream : array_like of int, shape (n,)
            Numbers from :meth:`enroll`; any other number is an unknown source.
        value : array_like of float, shape (n,)
            What the sources of a group should agree on, usually the logarithm of a price.
        lag_ns : array_like of int, optional
            Receive time minus the source's time; negative when its clock is ahead.
        seq : array_like of int, optional
            Sequence number modulo 2**32; 0 or less is none.
        judged : array_like of bool, optional
            False where there is no value: then only source, times and rate are judged.

        Returns
        -------
        ndarray of uint8, shape (n,)
            Codes of :class:`~seawall.admission.decision.Decision`.

        Raises
        ------
        AdmissionError
            When the arrays have different lengths; nothing is judged then.
        """
        from seawall.admission.kernel.judge import admit

        times = _flat(ts, np.int64)
        n = times.size
        columns = (
            _flat(0 if lag_ns is None else lag_ns, np.int64, n),
            _flat(stream, np.int64, n),
            _flat(0 if seq is None else seq, np.int64, n),
            _flat(value, np.float64, n),
            _flat(1 if judged is None else judged, np.uint8, n),
        )
        if any(c.size != n for c in columns):
            raise AdmissionError(
                "samples need columns of one length",
                where=f"ts {n}, others {[c.size for c in columns]}",
            )
        out = np.empty(n, np.uint8)
        admit(self.state, times, *columns, out)
        return out

    def trust(self, source: Source | str) -> float:
        """Trust of a source, ``trust_min`` to 1."""
        return float(self.state.floats[self._row(source), at.TRUST])

    def counts(self, source: Source | str | None = None) -> dict[Decision, int]:
        """Samples by decision, of one source or of all with the unknown ones."""
        table = self.state.counts
        line = table.sum(axis=0) if source is None else table[self._row(source)]
        return {d: int(line[d]) for d in Decision}

    def concentration(self, group: str | None = None) -> Concentration:
        """Concentration of the samples admitted in the last closed epoch.

        Parameters
        ----------
        group : str, optional
            One group instead of all; sources without a group count only where there is none.
        """
        names = self.registry.groups
        grouped = any(self.registry.group_of)
        rows = [
            row for row, g in enumerate(self.registry.group_of, 1)
            if (names[g] == group if group is not None else g > 0 or not grouped)
        ]  # fmt: skip
        trust = self.state.floats[rows, at.TRUST]
        return concentration(self.state.recent[rows], trust, self.settings.quota_max)

    def reservoir(self, source: Source | str) -> npt.NDArray[np.void]:
        """Kept samples of a source, as :data:`KEPT` records by time."""
        row = self._row(source)
        n = int(self.state.ints[row, at.KEPT])
        out = np.zeros(n, KEPT)
        for column, name in enumerate(("ts", "stream", "seq")):
            out[name] = self.state.kept_ints[row, :n, column]
        out["value"], out["key"] = self.state.kept_value[row, :n], self.state.kept_key[row, :n]
        return np.sort(out, order=("ts", "key"))

    def rejections(self) -> npt.NDArray[np.void]:
        """A uniform sample of the rejections of each reason, as :data:`REJECTED` records."""
        parts = []
        for reason in Decision:
            n = min(int(self.state.log_n[reason]), self.settings.log_cap)
            part = np.zeros(n, REJECTED)
            part["reason"] = reason
            for column, name in enumerate(("ts", "stream", "seq")):
                part[name] = self.state.log_ints[reason, :n, column]
            part["value"] = self.state.log_floats[reason, :n, 0]
            part["scale"] = self.state.log_floats[reason, :n, 1]
            parts.append(np.sort(part, order=("ts", "stream", "seq")))
        return np.concatenate(parts)

    def sources(self) -> tuple[Source, ...]:
        """All judged sources."""
        return tuple(self.registry.origins)

    def explain(self, source: Source | str) -> SourceReport:
        """Say what is known of a source and why it is trusted as much as it is."""
        from seawall.admission.explain import explain

        return explain(self, Source.parse(source) if isinstance(source, str) else source)

    def suspicious(self) -> tuple[Suspicion, ...]:
        """Sources that a person should look at, the worst first, with the reasons."""
        from seawall.admission.explain import suspicious

        return suspicious(self)

    @property
    def fingerprint(self) -> str:
        """sha256 over the whole state, less what follows from the rest of it."""
        digest = hashlib.sha256()
        for name, array in zip(at.State._fields, self.state, strict=True):
            if name not in at.DERIVED:
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _row(self, source: Source | str) -> int:
        return self.registry.row(Source.parse(source) if isinstance(source, str) else source)


def _flat(values: npt.ArrayLike, dtype: type, n: int | None = None) -> npt.NDArray[np.generic]:
    """Return a writable contiguous column, so that the kernel has one machine version."""
    array = np.asarray(values)
    if array.ndim == 0 and n is not None:
        return np.full(n, array, dtype)
    array = np.ascontiguousarray(array, dtype=dtype).reshape(-1)
    return array if array.flags.writeable else array.copy()
