# SPDX-License-Identifier: MIT
"""Ground truth: who did what, when something was wrong, what the value was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from seawall.data.simulated import layout as at

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket

LINES = ("", "add", "take", "exec", "cancel", "rest", "drop", "reject", "deleverage")
_LABEL = {"ts": pl.Int64, "end_ts": pl.Int64, "label": pl.String, "detail": pl.String,
          "venue": pl.String, "symbol": pl.String, "value": pl.Float64}  # fmt: skip
HIGH_VOL = 1.6
"""Volatility factor from which a minute counts as turbulent."""


def labels(market: SimulatedMarket) -> pl.DataFrame:
    """Windows ``ts``..``end_ts`` (ns UTC) with a label, where it applies, and its size.

    Labels are ``attack``, ``fault``, ``jump`` (value: log jump of the fundamental value),
    ``liquidation`` (value: base quantity) and ``turbulent`` (value: mean volatility
    factor; whole minutes).
    """
    rows: list[tuple[int, int, str, str, str, str, float]] = []
    start = market.config.start_ns
    for attack in market.config.attacks:
        a = start + int(attack.start_s * 1e9)
        place = market.instruments[attack.book]
        rows.append(
            (a, a + int(attack.duration_s * 1e9), "attack", attack.kind, place.venue,
             place.symbol, attack.intensity)
        )  # fmt: skip
    for fault in market.faults:
        outage = fault.kind == "outage"
        place = market.instruments[0 if outage else fault.book]
        rows.append(
            (start + fault.start_ns, start + fault.end_ns, "fault", fault.kind, place.venue,
             "" if outage else place.symbol, 0.0)
        )  # fmt: skip
    rows += _jumps(market) + _liquidations(market) + _turbulent(market)
    return pl.DataFrame(rows, schema=_LABEL, orient="row").sort("ts", "label", "symbol")


def _jumps(market: SimulatedMarket) -> list[tuple[int, int, str, str, str, str, float]]:
    jumps = market.tape[market.tape["settled"] == 2]
    return [
        (int(j["ts"]) + market.origin_ns, int(j["ts"]) + market.origin_ns, "jump",
         market.instruments[int(j["book"])].base, "", "", float(j["rate"]) * 1e-9)
        for j in jumps
        if j["ts"] >= market.config.warmup_s * 1e9
    ]  # fmt: skip


def _liquidations(market: SimulatedMarket) -> list[tuple[int, int, str, str, str, str, float]]:
    log = market.log
    hit = log[(log["type"] == at.TAKE) & (log["note"] == at.NOTE_LIQUIDATION)]
    out = []
    for line in hit[hit["ts"] >= market.config.warmup_s * 1e9]:
        place = market.instruments[int(line["book"])]
        ts = int(line["ts"]) + market.origin_ns
        side = "short" if line["side"] > 0 else "long"
        lots = float(line["qty"]) * float(place.lot)
        out.append((ts, ts, "liquidation", side, place.venue, place.symbol, lots))
    return out


def _turbulent(market: SimulatedMarket) -> list[tuple[int, int, str, str, str, str, float]]:
    out = []
    minute = 60 * 1_000_000_000
    for book in np.unique(market.world.assets["book_0"]):
        tape = market.tape[(market.tape["book"] == book) & (market.tape["settled"] == 0)]
        number = (tape["ts"] - int(market.config.warmup_s * 1e9)) // minute
        for n in np.unique(number[number >= 0]):
            vol = float(tape["vol"][number == n].mean())
            if vol > HIGH_VOL:
                a = market.config.start_ns + int(n) * minute
                base = market.instruments[int(book)].base
                out.append((a, a + minute, "turbulent", base, "", "", vol))
    return out


def orders(market: SimulatedMarket) -> pl.DataFrame:
    """One row per order event with the agents behind it; ``ts`` ns UTC of the venue."""
    from seawall.data.simulated.result import GROUPS

    log = market.log
    group = np.array(GROUPS)[market.group_of_agent()]
    attacker = group[log["agent"]] == "script"
    return pl.DataFrame(
        {
            "ts": log["ts"] + market.origin_ns,
            "book": log["book"].astype(np.int16),
            "type": pl.Series(np.array(LINES)[log["type"]], dtype=pl.Categorical),
            "side": log["side"].copy(),
            "price": log["px"] * market.world.books["tick"][log["book"]],
            "lots": log["qty"].copy(),
            "order_id": log["id"].copy(),
            "taker_order_id": log["other"].copy(),
            "agent": log["agent"].copy(),
            "taker": log["agent2"].copy(),
            "group": pl.Series(group[log["agent"]], dtype=pl.Categorical),
            "attack": np.where(attacker, log["note"], 0),
            "metaorder": np.where(attacker | (log["type"] == at.REJECT), 0, log["note"]),
        }
    )


def agents(market: SimulatedMarket) -> pl.DataFrame:
    """One row per agent: group, money, position per book, profit at the last mark (USDT)."""
    from seawall.data.simulated.result import GROUPS

    w = market.world
    mark = (w.books["mark_fp"] >> 10) * w.books["mult"]
    worth = w.cash + w.pos @ mark
    names = [f"lots_{b}" for b in range(w.pos.shape[1])]
    return pl.DataFrame(
        {
            "agent": np.arange(len(w.cash)),
            "group": np.array(GROUPS)[market.group_of_agent()].tolist(),
            "cash": w.cash * market.money_unit,
            **{name: w.pos[:, b].copy() for b, name in enumerate(names)},
            "worth": worth * market.money_unit,
        }
    )
