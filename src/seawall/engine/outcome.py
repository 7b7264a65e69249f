# SPDX-License-Identifier: MIT
"""What a run did, as columns: orders, fills, equity, totals and their fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.instrument import Instrument
from seawall.model.order import OrderState, OrderType, RejectReason, Side

if TYPE_CHECKING:
    import polars as pl

FILL = np.dtype(
    [
        ("ts", "<i8"),  # moment of the match on the receiver's clock, ns UTC
        ("order_id", "<i8"),
        ("px", "<i8"),  # ticks
        ("qty", "<i8"),  # lots, positive
        ("fee", "<i8"),  # money units of the settle currency, positive is a cost
        ("realized", "<i8"),  # money units, before fee
        ("position", "<i8"),  # lots after the fill, signed
        ("mid", "<i8"),  # twice the mid price (ticks) when the order was sent; 0 unknown
        ("instrument", "<i4"),
        ("side", "i1"),
        ("maker", "u1"),
        ("liquidation", "u1"),
        ("settlement", "u1"),  # 1: the expiry closed it; px is then rounded to the tick
    ]
)
"""Record type of a fill, 72 bytes."""

EQUITY = np.dtype(
    [
        ("ts", "<i8"),  # ns UTC
        ("equity", "<f8"),  # report currency
        ("gross", "<f8"),  # sum of absolute position values, report currency
        ("net", "<f8"),  # signed sum of position values, report currency
    ]
)
"""Record type of an equity sample."""

ORDER = np.dtype(
    [
        ("id", "<i8"),
        ("sent_ts", "<i8"),
        ("end_ts", "<i8"),
        ("px", "<i8"),
        ("qty", "<i8"),
        ("filled", "<i8"),
        ("trigger", "<i8"),
        ("instrument", "<i4"),
        ("side", "i1"),
        ("type", "u1"),
        ("state", "u1"),
        ("reason", "u1"),
    ]
)
"""Record type of an order when it ended (or when the run ended)."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a run, report currency.

    ``slippage`` is the cost of taker fills against the mid price when the order was
    sent; positive is a cost.  ``funding`` is positive when received.
    """

    fees: float = 0.0
    funding: float = 0.0
    interest: float = 0.0
    slippage: float = 0.0
    turnover: float = 0.0
    realized: float = 0.0
    liquidations: int = 0
    rejects: int = 0


@dataclass(frozen=True)
class Outcome:
    """Result of one run of the engine.

    Parameters
    ----------
    instruments : tuple of Instrument
        Indexed by the ``instrument`` columns.
    currency : str
        Report currency of equity and totals.
    initial_equity : float
        Equity at the start, report currency.
    money_decimals : int
        Money units per currency unit are ``10**money_decimals``.
    equity, fills, orders : structured arrays
        Of :data:`EQUITY`, :data:`FILL` and :data:`ORDER`.
    totals : Totals
        Sums over the run.
    fill_model : str
        Name of the fill model, for the report.
    """

    instruments: tuple[Instrument, ...]
    currency: str
    initial_equity: float
    money_decimals: int
    equity: npt.NDArray[np.void]
    fills: npt.NDArray[np.void]
    orders: npt.NDArray[np.void]
    totals: Totals
    fill_model: str

    @property
    def fingerprint(self) -> str:
        """sha256 over orders, fills and equity."""
        digest = hashlib.sha256()
        for part in (self.orders, self.fills, self.equity):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    @property
    def names(self) -> list[str]:
        """Names of the instruments: the symbol, or symbol@venue where it is not unique."""
        symbols = [i.symbol for i in self.instruments]
        return [
            i.symbol if symbols.count(i.symbol) == 1 else f"{i.symbol}@{i.venue}"
            for i in self.instruments
        ]

    def fills_frame(self) -> pl.DataFrame:
        """Fills in prices, quantities and currency.

        Returns
        -------
        polars.DataFrame
            Columns ``ts`` (datetime ns UTC), ``symbol``, ``side``, ``price``,
            ``quantity``, ``fee``, ``realized_pnl``, ``position``, ``liquidity``,
            ``order_id``, ``is_liquidation``, ``mid_at_send``.
        """
        import polars as pl  # on use: a run without frames starts without them

        f, scale = self.fills, 10.0**self.money_decimals
        tick = np.array([float(i.tick) for i in self.instruments])[f["instrument"]]
        lot = np.array([float(i.lot) for i in self.instruments])[f["instrument"]]
        names = np.array(self.names)
        return pl.DataFrame(
            {
                "ts": f["ts"].copy(),
                "symbol": names[f["instrument"]].tolist(),
                "side": [Side(s).name.lower() for s in f["side"].tolist()],
                "price": f["px"] * tick,
                "quantity": f["qty"] * lot,
                "fee": f["fee"] / scale,
                "realized_pnl": f["realized"] / scale,
                "position": f["position"] * lot,
                "liquidity": ["maker" if m else "taker" for m in f["maker"].tolist()],
                "order_id": f["order_id"].copy(),
                "is_liquidation": f["liquidation"].astype(bool),
                "mid_at_send": f["mid"] * tick / 2,
            },
            schema_overrides={"symbol": pl.String, "side": pl.String, "liquidity": pl.String},
        ).with_columns(pl.col("ts").cast(pl.Datetime("ns", "UTC")))

    def orders_frame(self) -> pl.DataFrame:
        """Orders in prices and quantities, with their last state and reject reason."""
        import polars as pl

        o = self.orders
        tick = np.array([float(i.tick) for i in self.instruments])[o["instrument"]]
        lot = np.array([float(i.lot) for i in self.instruments])[o["instrument"]]
        names = np.array(self.names)
        return pl.DataFrame(
            {
                "order_id": o["id"].copy(),
                "sent": o["sent_ts"].copy(),
                "ended": o["end_ts"].copy(),
                "symbol": names[o["instrument"]].tolist(),
                "side": [Side(s).name.lower() for s in o["side"].tolist()],
                "type": [OrderType(t).name.lower() for t in o["type"].tolist()],
                "price": o["px"] * tick,
                "trigger": o["trigger"] * tick,
                "quantity": o["qty"] * lot,
                "filled": o["filled"] * lot,
                "state": [OrderState(s).name.lower() for s in o["state"].tolist()],
                "reason": [RejectReason(r).name.lower() for r in o["reason"].tolist()],
            },
            schema_overrides={k: pl.String for k in ("symbol", "side", "type", "state", "reason")},
        ).with_columns(
            pl.col("sent").cast(pl.Datetime("ns", "UTC")),
            pl.col("ended").cast(pl.Datetime("ns", "UTC")),
        )
