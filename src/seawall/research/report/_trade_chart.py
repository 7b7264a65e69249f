# SPDX-License-Identifier: MIT
"""Fills on the price of their instrument."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seawall.engine.outcome import Outcome
from seawall.research.metrics._kernel import Floats, Ints
from seawall.research.report._chart import (
    Chart,
    PriceSeries,
    Trace,
    axis,
    line,
    moments,
    numbers,
    time_axis,
)
from seawall.research.report._thin import thin

MARKERS = 3_000
SYMBOLS = 6


def trade_chart(outcome: Outcome, prices: Sequence[PriceSeries] = ()) -> Chart | None:
    """Chart the fills of the most traded instruments; None without fills."""
    f = outcome.fills
    if f.shape[0] == 0:
        return None
    counts = np.bincount(f["instrument"], minlength=len(outcome.instruments))
    ranked = [int(i) for i in np.argsort(-counts, kind="stable")[:SYMBOLS] if counts[i]]
    known = {p.symbol: p for p in prices}
    traces: list[Trace] = []
    drawn = 0
    for i in ranked:
        instrument = outcome.instruments[i]
        mine = f[f["instrument"] == i]
        fill_px = mine["px"] * float(instrument.tick)
        series = known.get(instrument.symbol)
        ts = series.ts if series else np.ascontiguousarray(mine["ts"])
        px = series.price if series else fill_px
        rows = thin(np.asarray(px, dtype=np.float64))
        name = "price" if series else "fill price"
        traces.append(line(name, ts[rows], px[rows], "$muted", meta=instrument.symbol,
                           line={"width": 1.1}, hoverinfo="skip"))  # fmt: skip
        shown = thin(fill_px, MARKERS)
        drawn += shown.shape[0]
        scales = (float(instrument.lot), 10.0**-outcome.money_decimals)
        traces += _markers(mine[shown], fill_px[shown], scales, instrument.symbol)
    symbols = tuple(outcome.instruments[i].symbol for i in ranked)
    total = int(counts[ranked].sum())
    quotes = {outcome.instruments[i].quote for i in ranked}
    quote = quotes.pop() if len(quotes) == 1 else "quote currency"
    return Chart(
        key="trades",
        title="Fills on price",
        alt=f"Price of {', '.join(symbols)} with {total:,} fills marked: triangles up are "
        "purchases, triangles down are sales.",
        traces=traces,
        layout={
            "xaxis": time_axis(),
            "yaxis": axis(f"price ({quote})"),
            "hovermode": "closest",
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        },
        caption=_caption(total, drawn, len(symbols), int((counts > 0).sum())),
        height=440,
        wide=True,
        groups=symbols,
    )


def _markers(
    fills: npt.NDArray[np.void], price: Floats, scales: tuple[float, float], symbol: str
) -> list[Trace]:
    lot, money = scales
    forced = fills["liquidation"] > 0
    kinds: tuple[tuple[str, Ints, str, str], ...] = (
        ("buy", np.flatnonzero((fills["side"] > 0) & ~forced), "triangle-up", "$buy"),
        ("sell", np.flatnonzero((fills["side"] < 0) & ~forced), "triangle-down", "$sell"),
        ("liquidation", np.flatnonzero(forced), "x", "$ink"),
    )
    out = []
    for name, rows, shape, color in kinds:
        if rows.size == 0:
            continue
        f = fills[rows]
        liquidity = np.where(f["maker"] > 0, "maker", "taker")
        words = [
            f"{q:.8g} at {p:.10g}<br>{w}, fee {fee:.6g}, position {held:.8g}"
            for q, p, w, fee, held in zip(
                (f["qty"] * lot).tolist(), price[rows].tolist(), liquidity.tolist(),
                (f["fee"] * money).tolist(), (f["position"] * lot).tolist(), strict=True,
            )
        ]  # fmt: skip
        out.append(
            {
                "type": "scatter", "mode": "markers", "name": name, "meta": symbol,
                "x": moments(f["ts"]), "y": numbers(price[rows]), "text": words,
                "hovertemplate": f"<b>{name}</b> %{{text}}<br>%{{x}}<extra></extra>",
                "marker": {"symbol": shape, "size": 8, "color": color,
                           "line": {"width": 0.6, "color": "$paper"}},
            }
        )  # fmt: skip
    return out


def _caption(total: int, drawn: int, shown: int, traded: int) -> str:
    parts = ["Hover a marker for quantity, fee and the position after it."]
    if drawn < total:
        parts.append(f"{drawn:,} of {total:,} fills drawn, the extremes of each stretch.")
    if shown < traded:
        parts.append(f"The {shown} most traded of {traded} instruments.")
    return " ".join(parts)
