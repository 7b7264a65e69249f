# SPDX-License-Identifier: MIT
"""Rows for the measures from a simulated run, through the same functions as real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from seawall.data.simulated import layout as at
from seawall.data.simulated.facts import measures as m
from seawall.data.simulated.facts.series import Floats, Minutes, Recording

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket

WINDOW_S = 345
"""Length of the recordings, matched to the real ones."""

PERP = 1
"""Book of the asset on which facts are measured: the perpetual of the largest venue."""


@njit(cache=True)
def sample_levels(
    px: at.Array, qty: at.Array, side: at.Array, ts: at.Array, base: int, grid: at.Array
) -> Floats:
    """Ten levels a side of a book at each time of a grid, from level changes."""
    now = np.zeros(at.WINDOW, np.int64)
    out = np.zeros((len(grid), 10, 4))
    k = 0
    hi, lo = 0, at.WINDOW - 1
    for g in range(len(grid)):
        while k < len(ts) and ts[k] <= grid[g]:
            i = px[k] - base
            now[i] = qty[k] * side[k]
            hi, lo = max(hi, i), min(lo, i)
            k += 1
        # The spread is where signs change; walk out from the middle of what is known.
        i, n = hi, 0
        while i >= lo and now[i] <= 0:
            i -= 1
        j, top = i + 1, i
        while i >= lo and n < 10:
            if now[i] > 0:
                out[g, n, 0], out[g, n, 1] = base + i, now[i]
                n += 1
            i -= 1
        j, n = top + 1, 0
        while j <= hi and n < 10:
            if now[j] < 0:
                out[g, n, 2], out[g, n, 3] = base + j, -now[j]
                n += 1
            j += 1
    return out


def recording(market: SimulatedMarket, book: int) -> Recording:
    """Take a recording of one book on the true clock, without feed faults."""
    start = int(market.config.warmup_s * 1e9)
    log = market.log[(market.log["book"] == book) & (market.log["ts"] > start)]
    fills = log[log["type"] == at.EXEC]
    tick = float(market.instruments[book].tick)
    depth = market.feeds.depth[book]
    depth = depth[np.argsort(depth["seq"], kind="stable")]
    end = int(market.log["ts"][-1])
    grid = np.arange(start + 100_000_000, end, 100_000_000)
    levels = sample_levels(
        depth["px"].astype(np.int64), depth["qty"].astype(np.int64),
        depth["side"].astype(np.int64), depth["ts"].astype(np.int64),
        int(market.world.books["base"][book]), grid,
    )  # fmt: skip
    levels[:, :, 0] *= tick
    levels[:, :, 2] *= tick
    full = (levels[:, 9, 0] > 0) & (levels[:, 9, 2] > 0)
    top = market.feeds.top[book]
    return Recording(
        trade_ts=fills["ts"].astype(np.int64),
        price=fills["px"] * tick,
        qty=fills["qty"].astype(float),
        buy=fills["side"] > 0,
        top_ts=top["ts"].astype(np.int64),
        mid=0.5 * (top["bid"] + top["ask"]) * tick,
        levels=levels[full],
        tick=tick,
    )


def minutes(fills: at.Array, start: int) -> Minutes:
    """One-minute bars of the fills of one book; a minute without trades keeps the close."""
    number = (fills["ts"] - start) // 60_000_000_000
    n = int(number[-1]) + 1
    close = np.zeros(n)
    close[number] = fills["px"]
    seen = np.maximum.accumulate(np.where(close > 0, np.arange(n), 0))
    volume = np.bincount(number, weights=fills["qty"].astype(float), minlength=n)
    return Minutes(close[seen][:-1], volume[:-1].astype(np.float64))


def short_rows(market: SimulatedMarket) -> dict[str, dict[str, Floats]]:
    """Rows of the microstructure measures, one set per window of :data:`WINDOW_S`."""
    per_asset = market.config.books // len(market.config.assets)
    btc = recording(market, PERP)
    eth = recording(market, per_asset + PERP) if len(market.config.assets) > 1 else None
    out: dict[str, dict[str, Floats]] = {}
    step = WINDOW_S * 1_000_000_000
    first = int(btc.top_ts[0])
    for n in range((int(btc.top_ts[-1]) - first) // step):
        a, b = first + n * step, first + (n + 1) * step
        rec = btc.cut(a, b)
        for name, make in (
            ("signs", m.sign_rows), ("book", m.book_rows), ("impact", m.impact_rows),
            ("arrivals", m.arrival_rows),
        ):  # fmt: skip
            out.setdefault(name, {})[f"window {n}"] = make(rec)
        if eth is not None:
            out.setdefault("pair", {})[f"window {n}"] = m.pair_rows(rec, eth.cut(a, b))
    return out


def long_rows(
    fills: at.Array, tape: at.Array, start: int, perps: tuple[int, ...], full_rate: float
) -> dict[str, dict[str, Floats]]:
    """Rows of the return and funding measures from the fills and tape of a long run.

    Parameters
    ----------
    full_rate : float
        Funding rate of one interval at zero premium, 1e-9.
    """
    mine = fills[(fills["book"] == PERP) & (fills["ts"] > start)]
    stamps = tape[(tape["settled"] == 1) & (tape["ts"] > start)]
    rates = [stamps["rate"][stamps["book"] == b] / full_rate for b in perps]
    return {
        "minutes": {"run": m.minute_rows(minutes(mine, start))},
        "funding": {"run": np.concatenate(rates)[:, None]},
    }
