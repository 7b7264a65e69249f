# SPDX-License-Identifier: MIT
"""What the nautilus_trader scripts share: the instrument, an engine, its fills.

The engine is set up in the peer's favour: no logging, no pre-trade risk checks, no post-run
analysis. None of that is part of the workloads.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.risk.config import RiskEngineConfig

from arrays import fills_array
from contract import START_CASH

VENUE = Venue("SIM")
INSTRUMENT_ID = InstrumentId(Symbol("BTCUSDT"), VENUE)
BAR_TYPE = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
MINUTE_NS = 60_000_000_000


def instrument_of(price_precision: int, size_precision: int, fee: str) -> CurrencyPair:
    """A spot pair with the given grid and one fee for makers and takers."""
    return CurrencyPair(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=price_precision,
        size_precision=size_precision,
        price_increment=Price(10**-price_precision, price_precision),
        size_increment=Quantity(10**-size_precision, size_precision),
        ts_event=0,
        ts_init=0,
        maker_fee=Decimal(fee),
        taker_fee=Decimal(fee),
    )


def engine_with(instrument: CurrencyPair, **venue_options) -> BacktestEngine:
    """An engine with one venue that trades the instrument."""
    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True),
            run_analysis=False,
        )
    )
    balances = [Money(START_CASH, USDT), Money(1_000, BTC)]
    options = {"account_type": AccountType.CASH, "starting_balances": balances, **venue_options}
    engine.add_venue(venue=VENUE, oms_type=OmsType.NETTING, **options)
    engine.add_instrument(instrument)
    return engine


def bars_of(bars: dict[str, np.ndarray], instrument: CurrencyPair) -> list[Bar]:
    """The engine's bars, stamped at their close."""
    close_ns = (bars["ts_ns"] + MINUTE_NS).astype(np.uint64)
    names = ("open", "high", "low", "close", "volume")
    return Bar.from_raw_arrays_to_list(
        BAR_TYPE,
        instrument.price_precision,
        instrument.size_precision,
        *(bars[name] for name in names),
        close_ns,
        close_ns.copy(),
    )


def fills_of(engine: BacktestEngine) -> np.ndarray:
    """Every order's fills in order of time: ts_ns, price, signed quantity."""
    where, px, qty = [], [], []
    for order in engine.cache.orders():
        sign = 1 if order.side == OrderSide.BUY else -1
        for event in order.events:
            if type(event).__name__ == "OrderFilled":
                where.append(event.ts_event)
                px.append(event.last_px.as_double())
                qty.append(sign * event.last_qty.as_double())
    order_of_time = np.argsort(np.array(where, dtype=np.int64), kind="stable")
    return fills_array(where, px, qty)[order_of_time]
