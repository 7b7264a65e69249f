# SPDX-License-Identifier: MIT
"""Round-trip trades from fills, first in first out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.instrument import Instrument, InstrumentKind
from seawall.research.metrics._kernel import match_fifo

if TYPE_CHECKING:
    import polars as pl

    from seawall.engine.outcome import Outcome

TRADE = np.dtype(
    [
        ("entry_ts", "<i8"),  # ns UTC, mean over the lots closed, weighted by quantity
        ("exit_ts", "<i8"),  # ns UTC
        ("quantity", "<f8"),  # positive
        ("entry_price", "<f8"),  # quote currency; harmonic mean for inverse contracts
        ("exit_price", "<f8"),
        ("notional", "<f8"),  # value at entry, report currency
        ("gross", "<f8"),  # profit before fees, report currency
        ("fees", "<f8"),  # share of entry fee plus exit fee, report currency
        ("net", "<f8"),  # gross less fees
        ("fill", "<i8"),  # row of the closing fill
        ("instrument", "<i4"),
        ("side", "i1"),  # +1 bought first, -1 sold first
        ("liquidation", "u1"),
        ("pad", "<u2"),
    ]
)
"""Record type of a round-trip trade."""


def round_trips(outcome: Outcome) -> npt.NDArray[np.void]:
    """Build one trade per closing fill, matched with the oldest open lots.

    A fill that flips the position closes one trade and opens the next; a partial
    close makes a trade of the part.  Funding and interest belong to positions, not to
    trades, and are left out.  Open lots at the end make no trade.

    Parameters
    ----------
    outcome : Outcome
        A run.

    Returns
    -------
    structured array of TRADE
        In order of the closing fills.  Money is NaN where the settle currency is
        neither the report currency nor the base of an inverse contract, since a run
        keeps no exchange rates.
    """
    f = outcome.fills
    ts, px, qty, fee, position, sides, where = (
        np.ascontiguousarray(f[c])
        for c in ("ts", "px", "qty", "fee", "position", "side", "instrument")
    )
    rows, sums = match_fifo(ts, px, qty, fee, position, sides, where, len(outcome.instruments))
    fill, lots = rows[0], rows[1].astype(np.float64)
    last = f[fill]
    which = last["instrument"]
    spec = np.array([_spec(i, outcome.currency) for i in outcome.instruments]).reshape(-1, 5)
    tick, lot, size, inverse, rate = spec[which].T
    side = -last["side"].astype(np.float64)
    exit_px = last["px"] * tick
    amount = lots * lot * size
    is_inverse = inverse > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        entry_px = np.where(is_inverse, lots / sums[1], sums[0] / lots) * tick
        linear = side * (exit_px - entry_px) * amount
        coin = side * amount * (1.0 / entry_px - 1.0 / exit_px)
        # Inverse contracts settle in the base: its price at the exit values the profit.
        worth = np.where(np.isnan(rate), exit_px, rate)
        worth = np.where(rate == 0.0, np.nan, worth)
        gross = np.where(is_inverse, coin, linear) * worth
        notional = np.where(is_inverse, amount / entry_px, amount * entry_px) * worth
    money = 10.0**-outcome.money_decimals
    out = np.zeros(fill.shape[0], dtype=TRADE)
    start = int(f["ts"][0]) if f.shape[0] else 0
    out["entry_ts"] = start + np.rint(sums[2] / np.maximum(lots, 1.0)).astype(np.int64)
    out["exit_ts"], out["quantity"] = last["ts"], lots * lot
    out["entry_price"], out["exit_price"] = entry_px, exit_px
    out["notional"], out["gross"] = notional, gross
    out["fees"] = (sums[3] + sums[4]) * money * worth
    out["net"] = out["gross"] - out["fees"]
    out["fill"], out["instrument"] = fill, which
    out["side"], out["liquidation"] = side, last["liquidation"]
    return out


def trades_frame(outcome: Outcome) -> pl.DataFrame:
    """Round-trip trades as a table.

    Returns
    -------
    polars.DataFrame
        Columns ``entry``, ``exit`` (datetime ns UTC), ``hold`` (duration), ``symbol``,
        ``side`` (long or short), ``quantity``, ``entry_price``, ``exit_price``,
        ``gross``, ``fees``, ``net`` (report currency), ``net_return`` (fraction of the
        value at entry), ``is_liquidation``.
    """
    import polars as pl

    t = round_trips(outcome)
    names = np.array([i.symbol for i in outcome.instruments])
    with np.errstate(divide="ignore", invalid="ignore"):
        net_return = t["net"] / t["notional"]
    return pl.DataFrame(
        {
            "entry": t["entry_ts"].copy(),
            "exit": t["exit_ts"].copy(),
            "hold": t["exit_ts"] - t["entry_ts"],
            "symbol": names[t["instrument"]].tolist(),
            "side": np.where(t["side"] > 0, "long", "short").tolist(),
            "quantity": t["quantity"].copy(),
            "entry_price": t["entry_price"].copy(),
            "exit_price": t["exit_price"].copy(),
            "gross": t["gross"].copy(),
            "fees": t["fees"].copy(),
            "net": t["net"].copy(),
            "net_return": net_return,
            "is_liquidation": t["liquidation"].astype(bool),
        },
        schema_overrides={"symbol": pl.String, "side": pl.String},
    ).with_columns(
        pl.col("entry").cast(pl.Datetime("ns", "UTC")),
        pl.col("exit").cast(pl.Datetime("ns", "UTC")),
        pl.col("hold").cast(pl.Duration("ns")),
    )


def _spec(instrument: Instrument, currency: str) -> tuple[float, float, float, float, float]:
    """Tick, lot, contract size, inverse flag, and worth of a settle unit.

    The worth is 1 in the report currency, NaN for "the price at the exit" and 0 for
    "not known".
    """
    inverse = instrument.kind == InstrumentKind.INVERSE
    if instrument.settle == currency:
        worth = 1.0
    elif inverse and instrument.settle == instrument.base:
        worth = float("nan")
    else:
        worth = 0.0
    return (
        float(instrument.tick),
        float(instrument.lot),
        float(instrument.contract_size),
        float(inverse),
        worth,
    )
