# SPDX-License-Identifier: MIT
"""Speed of the analytics on the workloads that other packages are known for; one peer here.

    python benchmarks/analytics.py            # a table
    python benchmarks/analytics.py --json     # one object

Inputs are made up from fixed seeds; a time is the median of the rounds after one that compiles.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from seawall.analytics.costs import pin
from seawall.analytics.examples import example_columns
from seawall.analytics.flow import vpin_rank
from seawall.analytics.hawkes import fit_many, fit_one
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.measure import machine_name
from seawall.analytics.options import sabr_fit
from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.spec import Analytic, output_names, run

ROUNDS = 5
DAY_EVENTS = 1_000_000
CHUNK = 4_096


def timed(work: Callable[[], Any]) -> float:
    work()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def vpin(n: int = 5_000_000) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    columns = {"qty": rng.lognormal(size=n), "side": rng.choice([-1.0, 1.0], n)}
    bucket = float(columns["qty"].sum()) / 2_500
    return lambda: run(analytic("vpin"), columns, {"bucket": bucket})


def vpin_buckets(n: int = 5_000_000) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    qty, side = rng.lognormal(size=n), rng.choice([-1.0, 1.0], n)
    bucket = float(qty.sum()) / 2_500
    return lambda: vpin_rank.fit(qty, side, bucket=bucket)


def pin_days(days: int = 250) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    kind = rng.choice(3, days, p=[0.6, 0.2, 0.2])
    buys = rng.poisson(150.0 + 140.0 * (kind == 2)).astype(float)
    sells = rng.poisson(130.0 + 140.0 * (kind == 1)).astype(float)
    return lambda: pin.fit(buys, sells)


def ready(one: Analytic, rows: int) -> Callable[[], Any]:
    """One pass of a streaming analytic over made-up columns in chunks, as a session feeds it."""
    columns = example_columns(one, rows)
    if "ts" in columns and rows > 1:  # the rows are those of one day
        columns["ts"] = np.linspace(0, 86_400 * 10**9, rows).astype(np.int64)
    arrays = one.columns(columns)
    levels = max((a.shape[1] for a in arrays if a.ndim == 2), default=0)
    params = one.vector()
    size, width = one.state_size(params, levels), len(output_names(one, levels))
    chunks = [[a[k : k + CHUNK] for a in arrays] for k in range(0, rows, CHUNK)]
    out = np.empty((CHUNK, width))

    def work() -> None:
        state = np.zeros(size)
        for chunk in chunks:
            one.batch(state, params, out[: len(chunk[0])], *chunk)  # type: ignore[misc]

    return work


def book_and_flow(*, by_kind: bool) -> Callable[[], Any]:
    """All streaming analytics of book and flow over one day of events.

    ``by_kind``: four quotes to one trade, bars of a minute: each analytic gets the rows that it
    reads, those of quotes and trades together all of them.  Else each gets every event.
    """
    passes = []
    for one in ANALYTICS:
        if one.batch is None or one.group not in ("book", "flow", "costs", "fills"):
            continue
        inputs, rows = set(one.inputs), DAY_EVENTS
        quotes = bool(inputs & {"bid_px", "bid_qty", "bid_pxs"})
        trades = bool(inputs & {"price", "qty"})
        if by_kind and not (quotes and trades):
            rows = DAY_EVENTS * 4 // 5 if quotes else DAY_EVENTS // 5 if trades else 1_440
        passes.append(ready(one, rows))

    def work() -> None:
        for one_pass in passes:
            one_pass()

    return work


def polars_ofi(n: int = 5_000_000) -> Callable[[], Any]:
    """The expression that users write, for comparison: contributions without their sum."""
    import polars as pl

    rng = np.random.default_rng(0)
    bid = 1_000.0 + 0.5 * np.cumsum(rng.integers(-1, 2, n))
    table = pl.DataFrame({"b": bid, "a": bid + 0.5 * rng.integers(1, 3, n),
                          "qb": rng.lognormal(size=n), "qa": rng.lognormal(size=n)})  # fmt: skip
    b, qb, a, qa = (pl.col(name) for name in ("b", "qb", "a", "qa"))

    def when(condition: pl.Expr, size: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(size).otherwise(0.0)

    e = (when(b >= b.shift(), qb) - when(b <= b.shift(), qb.shift())
         - when(a <= a.shift(), qa) + when(a >= a.shift(), qa.shift()))  # fmt: skip
    return lambda: table.select(e)


def ofi(n: int = 5_000_000) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    bid = 1_000.0 + 0.5 * np.cumsum(rng.integers(-1, 2, n))
    columns = {"bid_px": bid, "ask_px": bid + 0.5 * rng.integers(1, 3, n),
               "bid_qty": rng.lognormal(size=n), "ask_qty": rng.lognormal(size=n)}  # fmt: skip
    return lambda: run(analytic("ofi"), columns)


def implied_vol(n: int = 1_000_000) -> Callable[[], Any]:
    from scipy.special import ndtr

    rng = np.random.default_rng(0)
    forward, years, vol = np.full(n, 6e4), rng.uniform(0.01, 1.5, n), rng.uniform(0.2, 1.5, n)
    s = vol * np.sqrt(years)
    log = rng.normal(size=n) * s
    strike, call = forward * np.exp(log), np.where(log > 0, 1.0, -1.0)
    d = -log / s
    price = call * (forward * ndtr(call * (d + s / 2)) - strike * ndtr(call * (d - s / 2)))
    columns = {"option_price": price, "forward": forward, "strike": strike, "years": years,
               "call": call}  # fmt: skip
    got = run(analytic("implied_vol"), columns)["vol"]
    assert np.nanmax(np.abs(got / vol - 1)) < 1e-10, "an implied volatility is wrong"
    return lambda: run(analytic("implied_vol"), columns)


def hawkes_one() -> Callable[[], Any]:
    t, _ = simulate(np.random.default_rng(0), 50_000.0, 0.5, 0.5, 2.0)
    return lambda: fit_one.fit(t, end=50_000.0)


def hawkes_four() -> Callable[[], Any]:
    a = np.full((4, 4), 0.05) + 0.3 * np.eye(4)
    t, kind = simulate(np.random.default_rng(0), 25_000.0, np.full(4, 0.25), a, 3.0)
    return lambda: fit_many.fit(t, kind.astype(float), end=25_000.0, types=4)


def sabr() -> Callable[[], Any]:
    strikes = np.exp(np.linspace(-0.5, 0.5, 15)) * 6e4
    smiles = []
    for i in range(20):
        years = np.full(15, (i + 1) / 20)
        columns = {"forward": np.full(15, 6e4), "strike": strikes, "years": years}
        params = {"alpha": 0.6, "rho": -0.2, "nu": 1.0}
        smiles.append((*columns.values(), run(analytic("sabr_vol"), columns, params)["vol"]))
    return lambda: [sabr_fit.fit(*smile) for smile in smiles]


WORK = {
    "vpin, 5,000,000 trades": vpin,
    "vpin by bucket with its rank, 5,000,000 trades": vpin_buckets,
    "ofi, 5,000,000 quotes": ofi,
    "  the same without its sum, a polars expression": polars_ofi,
    "pin, 250 days": pin_days,
    "all streaming book and flow, a day's 1,000,000 events": lambda: book_and_flow(by_kind=True),
    "  the same, every analytic on every event": lambda: book_and_flow(by_kind=False),
    "implied volatility, 1,000,000 options": implied_vol,
    "hawkes, one type, 50,000 events, fit": hawkes_one,
    "hawkes, four types with decay, 50,000 events, fit": hawkes_four,
    "sabr, 20 expiries x 15 strikes": sabr,
}


def main() -> None:
    seconds = {name: timed(make()) for name, make in WORK.items()}
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine_name(), "seconds": seconds}))
        return
    print(f"{machine_name()}; {len(ANALYTICS)} analytics are registered")
    for name, value in seconds.items():
        day = "all streaming" in name or "every event" in name
        rate = f"{DAY_EVENTS / value / 1e6:8.2f} million events/s" if day else ""
        print(f"{name:52s} {value * 1e3:10.2f} ms{rate}")


if __name__ == "__main__":
    main()
