# SPDX-License-Identifier: MIT
"""W1-hooks with zipline: handle_data once per minute on an always-open calendar.

zipline fills a market order on the next bar, by default at that bar's close; a slippage model of
four lines fills it at the open, as this workload asks.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
from sqlalchemy import create_engine
from zipline.algorithm import TradingAlgorithm
from zipline.api import order, set_commission, set_slippage
from zipline.assets import AssetDBWriter, AssetFinder
from zipline.data.bcolz_minute_bars import BcolzMinuteBarReader, BcolzMinuteBarWriter
from zipline.data.data_portal import DataPortal
from zipline.finance.commission import PerDollar
from zipline.finance.slippage import SlippageModel
from zipline.finance.trading import SimulationParameters
from zipline.utils.calendar_utils import get_calendar

from arrays import bars_pnl, fills_array, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, FEE_RATE, SLOW_SPAN, START_CASH, arguments, report, timed

warnings.filterwarnings("ignore")

MINUTES_PER_DAY = 1_440
SID = 1
FAST_ALPHA = 2.0 / (FAST_SPAN + 1)
SLOW_ALPHA = 2.0 / (SLOW_SPAN + 1)


class FillAtOpen(SlippageModel):
    """Fill the whole order at the open of the bar that sees it."""

    def process_order(self, data, order):
        return data.current(order.asset, "open"), order.amount


def simulation_of(bars, folder):
    """Write the bars as zipline stores them; returns the parts a run is made of."""
    calendar = get_calendar("24/7")
    labels = pd.to_datetime(bars["ts_ns"], utc=True) + pd.Timedelta(minutes=1)
    start = pd.Timestamp(bars["ts_ns"][0]).normalize()
    days = -(-len(labels) // MINUTES_PER_DAY)
    sessions = calendar.sessions_in_range(start, start + pd.Timedelta(days=days - 1))
    writer = BcolzMinuteBarWriter(
        folder, calendar, sessions[0], sessions[-1], minutes_per_day=MINUTES_PER_DAY
    )
    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame({name: bars[name] for name in names}, index=labels.tz_localize(None))
    frame["volume"] = frame["volume"].astype(np.int64)
    writer.write_sid(SID, frame)

    engine = create_engine("sqlite:///:memory:")
    equities = pd.DataFrame(
        {
            "symbol": ["X"],
            "start_date": [sessions[0]],
            "end_date": [sessions[-1]],
            "exchange": ["24/7"],
        },
        index=[SID],
    )
    exchanges = pd.DataFrame({"exchange": ["24/7"], "country_code": ["US"]})
    AssetDBWriter(engine).write(equities=equities, exchanges=exchanges)
    finder = AssetFinder(engine)
    portal = DataPortal(
        finder,
        trading_calendar=calendar,
        first_trading_day=sessions[0],
        equity_minute_reader=BcolzMinuteBarReader(folder),
    )
    params = SimulationParameters(
        start_session=sessions[0],
        end_session=sessions[-1],
        trading_calendar=calendar,
        capital_base=START_CASH,
        data_frequency="minute",
        emission_rate="daily",
    )
    return calendar, finder, portal, params, pd.Series(0.0, index=sessions)


def algorithm_of(parts, n_bars):
    """The strategy over those parts: long one unit while the fast average leads, else flat."""
    calendar, finder, portal, params, benchmark = parts
    asset = finder.retrieve_asset(SID)

    def initialize(context):
        set_slippage(FillAtOpen())
        set_commission(PerDollar(FEE_RATE))
        context.seen = 0
        context.long = False
        context.fast = context.slow = None

    def handle_data(context, data):
        i = context.seen
        context.seen += 1
        if i >= n_bars:
            return
        close = data.current(asset, "close")
        if context.fast is None:
            context.fast = context.slow = close
        else:
            context.fast += FAST_ALPHA * (close - context.fast)
            context.slow += SLOW_ALPHA * (close - context.slow)
        # The last session is padded with minutes that hold no bar: nothing may fill there.
        if i < SLOW_SPAN or i == n_bars - 1:
            return
        wants_long = context.fast > context.slow
        if wants_long != context.long:
            order(asset, 1 if wants_long else -1)
            context.long = wants_long

    return TradingAlgorithm(
        sim_params=params,
        data_portal=portal,
        asset_finder=finder,
        trading_calendar=calendar,
        benchmark_returns=benchmark,
        initialize=initialize,
        handle_data=handle_data,
    )


def fills_of(performance, first_ts_ns):
    """The transactions of every day: bar index, price, signed quantity."""
    found = [trade for day in performance["transactions"] for trade in day]
    labels = np.array([pd.Timestamp(trade["dt"]).value for trade in found], dtype=np.int64)
    where = (labels - first_ts_ns) // 60_000_000_000 - 1
    return fills_array(where, [t["price"] for t in found], [t["amount"] for t in found])


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    with tempfile.TemporaryDirectory() as folder:
        parts = simulation_of(bars, folder)
        n_bars = len(bars["close"])
        laps, performance = timed(lambda: algorithm_of(parts, n_bars).run(), args.repeats)
    fills = fills_of(performance, int(bars["ts_ns"][0]))
    save_fills(args, "W1-hooks", "zipline-reloaded", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    report("W1-hooks", "zipline-reloaded", "zipline-reloaded", laps, n_bars, "bars/s", outcome)


if __name__ == "__main__":
    main()
