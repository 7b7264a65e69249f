# SPDX-License-Identifier: MIT
"""Waits of imagined orders with what was known when they joined: for the laws of waits.

``queue_position`` follows one order after another through a recorded market; here each that
ended becomes a row for ``kaplan_meier``, ``weibull`` and ``cox``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from seawall.analytics.fills.queue_position import ANALYTIC
from seawall.analytics.jit import Array, Table, Times
from seawall.analytics.spec import Columns, run
from seawall.model.errors import ResearchError

NAMES: Final = ("log_ahead", "imbalance", "spread_bps")
"""Covariates: log of the size ahead, queue imbalance in favour of the order's side, spread."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Orders that ended.

    Parameters
    ----------
    joined, ended : arrays
        Rows at which each order joined and ended.
    duration : array
        Seconds in between.
    observed : array
        1 filled, 0 left behind.
    covariates : array of shape (orders, 3)
        :data:`NAMES`, as they were in the row at which the order joined.
    """

    joined: Times
    ended: Times
    duration: Array
    observed: Array
    covariates: Table


def waits(columns: Columns, *, power: float = 1.0, size: float = 1e-9, buy: float = 1.0) -> Waits:
    """Follow imagined orders through quotes and trades in one table.

    Parameters
    ----------
    columns : mapping of str to array
        Columns of ``queue_position``.
    power, size, buy : float
        Its parameters.

    Raises
    ------
    ResearchError
        When no order ended.
    """
    got = run(ANALYTIC, columns, {"power": power, "size": size, "buy": buy})
    ended = np.flatnonzero(got["outcome"] > 0.0)
    if ended.size == 0:
        raise ResearchError(
            "no order was filled or left behind", mend="give a longer stretch of quotes and trades"
        )
    joined = ended - got["rows"][ended].astype(np.int64)
    sound = dict(zip(ANALYTIC.inputs, ANALYTIC.columns(columns), strict=True))
    bid, ask = sound["bid_qty"][joined], sound["ask_qty"][joined]
    own, other = (bid, ask) if buy > 0.0 else (ask, bid)
    bid_px, ask_px = sound["bid_px"][joined], sound["ask_px"][joined]
    with np.errstate(divide="ignore", invalid="ignore"):
        table = np.column_stack((
            np.log(own), (own - other) / (own + other),
            2e4 * (ask_px - bid_px) / (ask_px + bid_px),
        ))  # fmt: skip
    return Waits(
        joined, ended, got["seconds"][ended], (got["outcome"][ended] == 1.0).astype(np.float64),
        table,
    )  # fmt: skip
