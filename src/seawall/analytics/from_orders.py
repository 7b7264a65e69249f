# SPDX-License-Identifier: MIT
"""Tables of orders out of a market's events: imagined ones that wait, and those that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seawall.analytics.econophysics.orders import orders_of_changes
from seawall.analytics.fills.queue_position import ANALYTIC as QUEUE
from seawall.analytics.fills.waits import waits
from seawall.analytics.manipulation.rows import streams_of
from seawall.analytics.tables import columns_of
from seawall.model.events import EventFlag, EventKind
from seawall.model.instrument import Instrument
from seawall.model.market import Market

if TYPE_CHECKING:
    import polars as pl


def waits_table(rows: pl.DataFrame) -> pl.DataFrame:
    """How long imagined orders at the best price waited, with what was known when they came.

    Parameters
    ----------
    rows : polars.DataFrame
        Quotes and trades in one table.
    """
    import polars as pl

    found = waits(columns_of(QUEUE, rows))
    known = {f"x_{k + 1}": found.covariates[:, k] for k in range(found.covariates.shape[1])}
    return pl.DataFrame({"duration": found.duration, "observed": found.observed, **known})


def orders_table(market: Market, instrument: Instrument, rows: pl.DataFrame) -> pl.DataFrame:
    """Orders as far as the changes of the levels show them: an approximation.

    Parameters
    ----------
    market, instrument : Market, Instrument
        Whose changes are read.
    rows : polars.DataFrame
        Its quotes and trades in one table.
    """
    import polars as pl

    events = market.events
    mine = np.isin(events["stream"], streams_of(market, instrument))
    events = events[mine & (events["kind"] == EventKind.DELTA)]
    changes = pl.DataFrame({
        "ts": events["ts"], "is_bid": (events["flags"] & int(EventFlag.BUY)) > 0,
        "px": events["px"] * float(instrument.tick), "qty": events["qty"] * float(instrument.lot),
    })  # fmt: skip
    quotes = rows.select("ts", pl.col("bid_price").alias("bid_px"),
                         pl.col("ask_price").alias("ask_px"))  # fmt: skip
    trades = rows.filter(pl.col("qty") > 0.0).select(
        "ts", pl.col("price").alias("px"), "qty", (pl.col("side") < 0.0).alias("buyer_maker")
    )
    return pl.DataFrame(orders_of_changes(changes, quotes, trades))
