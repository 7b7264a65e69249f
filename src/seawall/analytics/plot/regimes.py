# SPDX-License-Identifier: MIT
"""Regimes on the price, filtered: fitted on the first part, shown on what follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, file_title, finish, log_ticks
from seawall.analytics.regimes import hmm_filter, hmm_fit
from seawall.analytics.regimes.pictures import regime_ribbon
from seawall.analytics.spec import run

TRAIN = 0.5


def draw(tables: Tables) -> Any:
    """Fit four states on the first half of the bars and filter all of them."""
    table = tables["bars"]
    close = table["close" if "close" in table.columns else "Close"].to_numpy().astype(np.float64)
    value = 100.0 * np.diff(np.log(close), prepend=np.nan)
    half = int(TRAIN * value.size)
    fitted = hmm_fit.fit(value[:half], states=4.0)
    found = run(hmm_filter.ANALYTIC, {"value": value}, fitted.parameters)
    ts = tables.ts("bars")
    figure = regime_ribbon(ts, close, found.values[:, :4], found["vol"])
    start = np.datetime64(int(ts[half]), "ns").astype("datetime64[ms]")
    figure.add_vline(x=start.astype("int64"), line={"color": "black", "dash": "dash", "width": 1.5})
    sds = ", ".join(f"{s:.2f}" for s in fitted.sd)
    figure.update_yaxes(title="quote currency, log", **log_ticks(close), row=1, col=1)
    figure.update_yaxes(title="probability", row=2, col=1)
    figure.update_yaxes(title="% per bar", row=3, col=1)
    figure.update_xaxes(title="time, UTC", row=3, col=1)
    return finish(
        figure, f"Regimes as they were known at the time: {file_title(tables.names['bars'])}",
        f"four states fitted left of the dashed line, filtered on both sides; sd of a bar {sds} %",
    )  # fmt: skip


PICTURE = Picture("regimes", "regimes of a hidden Markov model on the price", ("bars",), draw)
