# SPDX-License-Identifier: MIT
"""Hawkes intensity of trades with the early-warning alerts, under the price."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes import crash_alert, fit_one, intensity
from seawall.analytics.hawkes.pictures import intensity_with_alerts
from seawall.analytics.hawkes.samples import apart
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, Vector, file_title, finish, log_ticks, when
from seawall.analytics.spec import run

TRAIN, STEPS = 0.5, 500
ONE_ORDER_S = 0.001
"""Prints nearer than this to the one before are those of one order: they are one arrival."""

SLOWS = 8.0
"""The slow rate looks back an eighth of the sample, at most half an hour."""


def draw(tables: Tables) -> Any:
    """Fit on the first half, run the intensity over the whole, with the default alert levels."""
    columns = tables.columns("trades", crash_alert.ANALYTIC)
    time, price = columns["time"], tables["trades"]["price"].to_numpy()
    first = np.ascontiguousarray(time[time <= time[0] + TRAIN * (time[-1] - time[0])])
    fitted = fit_one.fit(first, merge=ONE_ORDER_S)
    given = {"mu": fitted.mu, "branching": fitted.branching, "beta": fitted.beta}
    arrives = apart(time, ONE_ORDER_S)
    rate = np.full(time.size, np.nan)
    rate[arrives] = run(intensity.ANALYTIC, {"time": time[arrives]}, given)["intensity"]
    slow = min(1_800.0, float(time[-1] - time[0]) / SLOWS)
    levels = {"slow": slow, "fast": slow / 180.0, "window": slow / 60.0, "rest": slow / 6.0}
    alert = run(crash_alert.ANALYTIC, columns, levels)["alert"]
    figure = intensity_with_alerts(time, price, rate, np.nan_to_num(alert))
    _by_time(figure, time, rate)
    figure.layout.annotations[0].text = "price of trades; triangles: alerts, by side of the takers"
    figure.update_yaxes(title="quote currency", tickformat=",.6~g", row=1, col=1)
    _on_the_clock(figure, time, tables.ts("trades"))
    count = int(np.count_nonzero(np.abs(alert) == 1.0))
    doubt = "; ".join(fitted.doubts) or "none"
    return finish(
        figure, f"Arrivals that feed on each other: {file_title(tables.names['trades'])}",
        f"{count} alerts; fitted on the first half: base rate {fitted.mu:.3g}/s, branching ratio "
        f"{fitted.branching:.2f}, decay {fitted.beta:.3g}/s; prints within "
        f"{1e3 * ONE_ORDER_S:g} ms are one arrival<br>doubts: {doubt}",
    )  # fmt: skip


def _by_time(figure: Any, time: Vector, rate: Vector) -> None:
    """Show the largest intensity of each of equal intervals of time, as steps."""
    edges = np.linspace(time[0], time[-1], STEPS + 1)
    bins = np.clip(np.searchsorted(edges, time, side="right") - 1, 0, STEPS - 1)
    most = np.full(STEPS, np.nan)
    np.fmax.at(most, bins, rate)
    line = figure.data[-1]
    scale = float(np.max(figure.data[0].x)) / max(float(time[-1]), 1e-9)
    line.update(x=edges[:-1] * scale, y=most, line_shape="hv", connectgaps=False)
    figure.update_yaxes(**log_ticks(most), row=2, col=1)
    figure.layout.annotations[1].text = "intensity, the largest of each interval; gaps: no trade"


def _on_the_clock(figure: Any, time: Vector, ts: npt.NDArray[np.int64]) -> None:
    """Turn the axis from a number since the start into times."""
    scale = float(time[-1]) / max(float(np.max(figure.data[0].x)), 1e-9)
    for trace in figure.data:
        since = np.asarray(trace.x, dtype=np.float64) * scale - float(time[0])
        trace.update(x=when(ts[0] + np.round(since * 1e9).astype(np.int64)))
    figure.update_xaxes(title="time, UTC", row=2, col=1)


PICTURE = Picture("hawkes", "Hawkes intensity of trades with alerts", ("trades",), draw)
