# SPDX-License-Identifier: MIT
"""Canonical frames of a run, in prices and quantities, as a recording of it would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from seawall.data.simulated.faults import clock_offset_ns
from seawall.data.simulated.layout import Array
from seawall.model.instrument import Instrument

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket

OPEN_INTEREST_EVERY = 10
"""Open interest is published once in so many seconds."""


def decimals_of(step: object) -> int:
    """Decimal places of a tick or lot."""
    text = f"{step:f}" if not isinstance(step, str) else step
    return len(text.partition(".")[2].rstrip("0"))


class Scale:
    """Ticks and lots of one instrument to floats that print as the venue would print them."""

    def __init__(self, instrument: Instrument) -> None:
        self.tick, self.lot = float(instrument.tick), float(instrument.lot)
        self._px, self._qty = decimals_of(instrument.tick), decimals_of(instrument.lot)

    def price(self, ticks: Array) -> Array:
        """Prices, quote currency."""
        out: Array = np.round(ticks * self.tick, self._px)
        return out

    def qty(self, lots: Array) -> Array:
        """Quantities, base currency."""
        out: Array = np.round(lots * self.lot, self._qty)
        return out


def frames(market: SimulatedMarket) -> dict[tuple[int, str], pl.DataFrame]:
    """Canonical frames by instrument number and kind."""
    out: dict[tuple[int, str], pl.DataFrame] = {}
    for b, instrument in enumerate(market.instruments):
        scale = Scale(instrument)
        shift = market.origin_ns + clock_offset_ns(
            market.config, int(market.world.books["venue"][b])
        )
        out[b, "depth"] = _depth(market, b, scale, shift)
        out[b, "trades"] = _trades(market, b, scale, shift)
        out[b, "top"] = _top(market, b, scale, shift)
        if market.world.books["perp"][b]:
            out.update({(b, k): f for k, f in _perpetual(market, b, scale, shift).items()})
    return out


def _depth(market: SimulatedMarket, b: int, scale: Scale, shift: int) -> pl.DataFrame:
    rows = market.feeds.depth[b]
    return pl.DataFrame(
        {
            "ts": market.feeds.depth_got[b],
            "venue_ts": rows["ts"] + shift,
            "first_seq": rows["first"].copy(),
            "seq": rows["seq"].copy(),
            "prev_seq": rows["before"].copy(),
            "is_snapshot": rows["snapshot"].astype(bool),
            "is_bid": rows["side"] > 0,
            "price": scale.price(rows["px"]),
            "qty": scale.qty(rows["qty"]),
        }
    )


def _trades(market: SimulatedMarket, b: int, scale: Scale, shift: int) -> pl.DataFrame:
    rows = market.feeds.trades[b]
    return pl.DataFrame(
        {
            "ts": market.feeds.trades_got[b],
            "venue_ts": rows["ts"] + shift,
            "seq": np.arange(1, len(rows) + 1),
            "price": scale.price(rows["px"]),
            "qty": scale.qty(rows["qty"]),
            "taker_buy": rows["side"] > 0,
        }
    )


def _top(market: SimulatedMarket, b: int, scale: Scale, shift: int) -> pl.DataFrame:
    rows = market.feeds.top[b]
    return pl.DataFrame(
        {
            "ts": market.feeds.top_got[b],
            "venue_ts": rows["ts"] + shift,
            "seq": rows["seq"].copy(),
            "bid_price": scale.price(rows["bid"]),
            "bid_qty": scale.qty(rows["bid_qty"]),
            "ask_price": scale.price(rows["ask"]),
            "ask_qty": scale.qty(rows["ask_qty"]),
        }
    )


def _perpetual(
    market: SimulatedMarket, b: int, scale: Scale, shift: int
) -> dict[str, pl.DataFrame]:
    tape, got = market.feeds.tape[b], market.feeds.tape_got[b]
    sample = tape["settled"] == 0
    stamp = tape[tape["settled"] == 1]
    some = np.flatnonzero(sample)[::OPEN_INTEREST_EVERY]
    from seawall.data.simulated.layout import NOTE_LIQUIDATION

    forced = market.feeds.trades[b]["note"] == NOTE_LIQUIDATION
    hit = market.feeds.trades[b][forced]
    return {
        "mark": pl.DataFrame(
            {
                "ts": got[sample],
                "venue_ts": tape["ts"][sample] + shift,
                "mark_price": tape["mark_fp"][sample] * (scale.tick / 1024),
                "index_price": tape["index_fp"][sample] * (scale.tick / 1024),
                "funding_rate": tape["rate"][sample] * 1e-9,
            }
        ),
        "funding": pl.DataFrame(
            {"ts": stamp["ts"] + market.origin_ns, "rate": stamp["rate"] * 1e-9},
            schema={"ts": pl.Int64, "rate": pl.Float64},
        ),
        "open_interest": pl.DataFrame({"ts": got[some], "value": scale.qty(tape["oi"][some])}),
        "liquidations": pl.DataFrame(
            {
                "ts": market.feeds.trades_got[b][forced],
                "venue_ts": hit["ts"] + shift,
                "price": scale.price(hit["px"]),
                "qty": scale.qty(hit["qty"]),
                "buy": hit["side"] > 0,
            }
        ),
    }
