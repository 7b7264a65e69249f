# SPDX-License-Identifier: MIT
"""Opens signed batches, each of them once.

A batch is judged in this order, and only an accepted one changes anything: key, source,
signature, clock, nonce, sequence.  Nonces are remembered for as long as the clock window
lets a batch in; when their room is full, the oldest half goes and the window is closed
behind it, so forgetting never reopens the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from seawall.admission.errors import AdmissionError
from seawall.admission.signing import NONCE_BYTES, Envelope, Key
from seawall.admission.source import Source
from seawall.model.time import NS_PER_S

WINDOW_BITS = 64
"""Batches may overtake each other by this many numbers."""

SEQUENCE_MAX = (1 << 63) - 1


class Outcome(Enum):
    """What became of a signed batch."""

    ACCEPTED = "accepted"
    UNKNOWN_KEY = "unknown key"
    UNKNOWN_SOURCE = "unknown source"
    BAD_SIGNATURE = "bad signature"
    FUTURE = "clock in the future"
    STALE = "too old"
    REPLAYED_NONCE = "replayed nonce"
    REPLAYED_SEQUENCE = "replayed sequence"


@dataclass(slots=True)
class _Window:
    """Numbers seen of one key and source: the highest, and a bit for each below it."""

    highest: int = -1
    seen: int = 0

    def fresh(self, number: int) -> bool:
        back = self.highest - number
        return back < 0 or (back < WINDOW_BITS and not self.seen >> back & 1)

    def take(self, number: int) -> None:
        ahead = number - self.highest
        if ahead > 0:
            shifted = self.seen << ahead if ahead < WINDOW_BITS else 0
            self.seen = (shifted | 1) & ((1 << WINDOW_BITS) - 1)
            self.highest = number
        else:
            self.seen |= 1 << -ahead


class Gateway:
    """Verifies signed batches and remembers what it has seen.

    Parameters
    ----------
    keys : iterable of Key
        Keys by which batches may be signed; names are unique.
    window_ns : int
        A batch may be this much older than our clock.
    skew_ns : int
        Its clock may be this much ahead of ours.
    nonces_max : int
        Nonces remembered; bounds the memory.

    Notes
    -----
    Time is an argument of :meth:`open`: the same batches at the same times give the same
    outcomes.
    """

    def __init__(
        self,
        keys: Iterable[Key],
        *,
        window_ns: int = 60 * NS_PER_S,
        skew_ns: int = NS_PER_S,
        nonces_max: int = 100_000,
    ) -> None:
        keys = tuple(keys)
        self._keys = {key.key_id: key for key in keys}
        if len(self._keys) != len(keys) or window_ns <= 0 or skew_ns < 0 or nonces_max < 2:
            raise AdmissionError(
                "a gateway needs keys of different names, a window, and room for nonces",
                where=f"window_ns={window_ns}, skew_ns={skew_ns}, nonces_max={nonces_max}",
            )
        self._window_ns, self._skew_ns, self._nonces_max = window_ns, skew_ns, nonces_max
        self._windows: dict[tuple[str, str], _Window] = {}
        self._nonces: dict[tuple[str, bytes], int] = {}
        self._floor_ts = -(1 << 63)
        self._counts = dict.fromkeys(Outcome, 0)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Batches so far by outcome."""
        return dict(self._counts)

    def open(self, batch: Envelope, now_ns: int) -> Outcome:
        """Judge one batch; take its payload only when the answer is ACCEPTED.

        Parameters
        ----------
        batch : Envelope
            As it arrived.
        now_ns : int
            Our clock, ns UTC.
        """
        outcome = self._judge(batch, now_ns)
        self._counts[outcome] += 1
        if outcome is Outcome.ACCEPTED:
            self._remember(batch, now_ns)
        return outcome

    def _judge(self, batch: Envelope, now_ns: int) -> Outcome:
        key = self._keys.get(batch.key_id)
        if key is None:
            return Outcome.UNKNOWN_KEY
        # Unsigned bytes must not reach anything that remembers or parses.
        if not key.verifies(batch.signed_bytes(), batch.signature):
            return Outcome.BAD_SIGNATURE
        if len(batch.nonce) != NONCE_BYTES or not 0 <= batch.sequence <= SEQUENCE_MAX:
            return Outcome.BAD_SIGNATURE
        try:
            source = Source.parse(batch.source)
        except AdmissionError:
            return Outcome.UNKNOWN_SOURCE
        if not any(source.under(pattern) for pattern in key.sources):
            return Outcome.UNKNOWN_SOURCE
        if batch.sent_ts > now_ns + self._skew_ns:
            return Outcome.FUTURE
        if batch.sent_ts < now_ns - self._window_ns or batch.sent_ts <= self._floor_ts:
            return Outcome.STALE
        if (batch.key_id, batch.nonce) in self._nonces:
            return Outcome.REPLAYED_NONCE
        window = self._windows.get((batch.key_id, batch.source))
        if window is not None and not window.fresh(batch.sequence):
            return Outcome.REPLAYED_SEQUENCE
        return Outcome.ACCEPTED

    def _remember(self, batch: Envelope, now_ns: int) -> None:
        window = self._windows.setdefault((batch.key_id, batch.source), _Window())
        window.take(batch.sequence)
        self._nonces[batch.key_id, batch.nonce] = batch.sent_ts
        if len(self._nonces) > self._nonces_max:
            times = sorted(self._nonces.values())
            self._floor_ts = max(
                self._floor_ts, now_ns - self._window_ns - 1, times[len(times) // 2]
            )
            self._nonces = {k: ts for k, ts in self._nonces.items() if ts > self._floor_ts}

    def export(self) -> dict[str, Any]:
        """Return what is remembered, as plain JSON values, for a state file."""
        return {
            "floor_ts": self._floor_ts,
            "windows": [[k, s, w.highest, w.seen] for (k, s), w in sorted(self._windows.items())],
            "nonces": [[k, n.hex(), ts] for (k, n), ts in self._nonces.items()],
            "counts": {outcome.name: n for outcome, n in self._counts.items()},
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what :meth:`export` gave.

        Raises
        ------
        AdmissionError
            When the values have another form; nothing is changed then.
        """
        try:
            windows = {(k, s): _Window(int(h), int(b)) for k, s, h, b in saved["windows"]}
            nonces = {(k, bytes.fromhex(n)): int(ts) for k, n, ts in saved["nonces"]}
            counts = {outcome: int(saved["counts"][outcome.name]) for outcome in Outcome}
            floor_ts = int(saved["floor_ts"])
        except (KeyError, TypeError, ValueError) as problem:
            raise AdmissionError(
                f"this is no state of a gateway: {problem!r}", mend="restore an earlier file"
            ) from None
        self._windows, self._nonces = windows, nonces
        self._counts, self._floor_ts = counts, floor_ts
