# SPDX-License-Identifier: MIT
"""The way from the venue to us: delay, clock error, and planned faults with their labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.data.simulated.config import FaultConfig, SimConfig
from seawall.data.simulated.layout import Array

KINDS = ("gap", "duplicate", "reorder", "stale")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault window.

    Parameters
    ----------
    kind : str
        ``gap``, ``duplicate``, ``reorder``, ``stale``, or ``outage``.
    book : int
        Instrument whose depth feed is hit; the venue number for an outage.
    start_ns, end_ns : int
        Window in venue time, ns since the start of the feeds.
    """

    kind: str
    book: int
    start_ns: int
    end_ns: int


def plan_faults(config: SimConfig) -> tuple[Fault, ...]:
    """Draw the fault windows of a run, outages included, by start."""
    f = config.faults
    rng = np.random.Generator(np.random.PCG64([config.seed, 1 << 20]))
    span = int(config.duration_s * 1e9)
    out: list[Fault] = []
    counts = (f.gaps, f.duplicates, f.reorders, f.stales)
    for kind, count in zip(KINDS, counts, strict=True):
        for _ in range(count):
            start = int(rng.integers(span // 20, max(span // 20 + 1, span * 9 // 10)))
            book = int(rng.integers(config.books))
            out.append(Fault(kind, book, start, start + int(f.length_s * 1e9)))
    for _ in range(f.outages):
        start = int(rng.integers(span // 10, max(span // 10 + 1, span * 8 // 10)))
        out.append(Fault("outage", 0, start, start + int(f.outage_s * 1e9)))
    return tuple(sorted(out, key=lambda x: x.start_ns))


def clock_offset_ns(config: SimConfig, venue: int) -> int:
    """Venue clock minus ours, ns."""
    offsets = config.faults.clock_offset_ms
    return int(offsets[venue % len(offsets)] * 1e6) if offsets else 0


def receive_times(ts: Array, faults: FaultConfig, rng: np.random.Generator) -> Array:
    """Receive time of each message: delay with a two-sided-uniform tail, never out of turn.

    Parameters
    ----------
    ts : ndarray of int64
        True send times, ascending.
    """
    base, jitter = int(faults.latency_ms * 1e6), max(1, int(faults.jitter_ms * 1e6))
    # Pairwise, so that a feed that goes on differently is late by the same until then.
    late = rng.integers(0, jitter, (len(ts), 2)).sum(axis=1)
    got: Array = np.maximum.accumulate(ts + base + late)
    return got


def apply_faults(ts: Array, got: Array, faults: tuple[Fault, ...]) -> tuple[Array, Array]:
    """Lose, repeat, swap and hold back messages of one feed.

    Parameters
    ----------
    ts, got : ndarray of int64
        Send and receive times of the feed's messages, both ascending.
    faults : tuple of Fault
        Windows that hit this feed, times on the scale of ``ts``.

    Returns
    -------
    order, got : ndarray of int64
        Which message arrives at each place, and when; ``got`` ascends.
    """
    order = np.arange(len(ts), dtype=np.int64)
    got = got.copy()
    keep = np.ones(len(ts), dtype=bool)
    again: list[Array] = []
    for fault in faults:
        inside = np.flatnonzero((ts >= fault.start_ns) & (ts < fault.end_ns))
        if fault.kind == "gap":
            keep[inside] = False
        elif fault.kind == "duplicate":
            again.append(inside)
        elif fault.kind == "reorder":
            # The first of a pair is held up and arrives behind the second.
            pairs = inside[: len(inside) // 2 * 2].reshape(-1, 2)
            order[pairs] = pairs[:, ::-1]
            got[pairs[:, 0]] = got[pairs[:, 1]]
        elif fault.kind == "stale":
            got[inside] = np.maximum(got[inside], fault.end_ns)
    got = np.maximum.accumulate(got)
    places = np.concatenate([np.flatnonzero(keep), *again])
    places = np.sort(places, kind="stable")
    return order[places], got[places]
