# SPDX-License-Identifier: MIT
"""Wash prints in a recording: trades that moved no level of the book."""

from __future__ import annotations

import numpy as np

from seawall.data.attacks.assemble import Written, assemble
from seawall.data.attacks.labels import Ints
from seawall.data.attacks.replay import stream_rows
from seawall.data.attacks.scope import Scope
from seawall.model.errors import DataError
from seawall.model.events import BarField, EventFlag, EventKind, Events


def wash_prints(scope: Scope) -> Written:
    """Add prints at the last price of their side until they are a share of the volume.

    Sizes are drawn from the genuine ones of the window, times are uniform; the trade
    numbers of the feed go on counting over them, as a venue's own would.
    """
    spec, market = scope.spec, scope.market
    events, forged = market.events.copy(), np.zeros(market.events.size, np.bool_)
    bars, forged_bars = market.bars.copy(), np.zeros(market.bars.shape[1], np.bool_)
    extra: list[tuple[Events, bool]] = []
    washed = total = 0
    trades = scope.events((int(EventKind.TRADE),))
    for rows in stream_rows(market.events, trades).values():
        made = _prints(scope, market.events[rows])
        washed += int(made["qty"].sum())
        total += int(made["qty"].sum() + market.events["qty"][rows].sum())
        _renumber(events, rows, made, market.events)
        extra.append((made, True))
    columns = scope.bars()
    if columns.size:
        more = np.rint(bars[BarField.VOLUME, columns] / (1.0 - spec.strength)).astype(np.int64)
        if not trades.size:
            washed = int((more - bars[BarField.VOLUME, columns]).sum())
            total = int(more.sum())
        bars[BarField.VOLUME, columns] = more
        forged_bars = (bars != market.bars).any(axis=0)
    if not washed:
        raise DataError(
            "no trade in the window whose volume could be washed",
            where=f"{(scope.end_ns - scope.start_ns) * 1e-9:.1f} s from {spec.start_s} s on",
            mend="move the window or make it longer",
        )
    out, mask = assemble(market, spec, events, forged, extra, bars)
    return Written(out, mask, forged_bars, washed / total)


def _prints(scope: Scope, genuine: Events) -> Events:
    spec, rng = scope.spec, scope.rng
    due = round(spec.strength / (1.0 - spec.strength) * float(genuine["qty"].sum()))
    sizes: list[int] = []
    while due > 0 and len(sizes) < 1_000_000:
        size = min(due, max(1, int(genuine["qty"][rng.integers(len(genuine))])))
        sizes.append(size)
        due -= size
    ts = np.sort(rng.integers(scope.start_ns, scope.end_ns, len(sizes)))
    buy = rng.random(len(sizes)) < spec.param("bias")
    near = np.maximum(np.searchsorted(genuine["ts"], ts, "right") - 1, 0)
    out = genuine[near].copy()
    out["ts"], out["qty"] = ts, sizes
    # A buyer pays what the last buyer paid, a seller gets what the last seller got.
    bought = genuine["flags"] & EventFlag.BUY != 0
    for side in (True, False):
        seen = np.where(bought == side, np.arange(len(genuine)), 0)
        px = genuine["px"][np.maximum.accumulate(seen)]
        out["px"] = np.where(buy == side, px[near], out["px"])
    out["flags"] = EventFlag.LAST | buy * np.uint8(EventFlag.BUY)
    return out


def _renumber(events: Events, rows: Ints, made: Events, clean: Events) -> None:
    """Let the numbers of the feed go on over the added prints, in place."""
    stream = clean["stream"][rows[0]]
    mine = np.flatnonzero((clean["stream"] == stream) & (clean["kind"] == EventKind.TRADE))
    if not (clean["seq"][mine] > 0).all():
        made["seq"] = 0
        return
    before = np.searchsorted(made["ts"], clean["ts"][mine], "left").astype(np.uint32)
    events["seq"][mine] = clean["seq"][mine] + before
    near = np.searchsorted(clean["ts"][mine], made["ts"], "right") - 1
    last = clean["seq"][mine][np.maximum(near, 0)].astype(np.int64) - (near < 0)
    made["seq"] = last + 1 + np.arange(len(made))
