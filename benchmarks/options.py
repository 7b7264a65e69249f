# SPDX-License-Identifier: MIT
"""Options beside QuantLib: implied volatility, SABR, Heston, and recorded chains.

    python benchmarks/options.py            # a table
    python benchmarks/options.py --json     # one object

Errors are compared before any time is: a fit that is faster and worse would be no gain.  A
time is the median of the rounds after one that compiles; peers that take seconds run once.
Recorded chains are read from SEAWALL_TEST_DATA where it is set.  QuantLib knows whole days
only, so that its Heston is fitted to the chain of the hour of expiry.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from seawall.analytics.measure import machine_name
from seawall.analytics.options import heston_fit, heston_price, implied_vol, sabr_fit, sabr_vol
from seawall.analytics.spec import run
from seawall.analytics.surface import ssvi_fit, surface_fit
from seawall.analytics.surface.chain import Chain
from seawall.analytics.surface.deribit import deribit_chain

Rows = tuple[np.ndarray, ...]
"""Forward, strike, years and volatility, one row per option."""

ROUNDS, SLOW_S = 7, 1.0
DATA = Path(os.environ.get("SEAWALL_TEST_DATA", ""))
TRUE = {"v0": 0.36, "kappa": 3.0, "theta": 0.49, "sigma": 0.8, "rho": -0.3}


@dataclass(frozen=True)
class Row:
    """One workload: seconds of ours and of the peer, and the error of each."""

    work: str
    peer: str
    ours_s: float
    peer_s: float | None = None
    ratio: float | None = None
    ours_error: float | None = None
    peer_error: float | None = None
    unit: str = ""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Median seconds, and what the work gave."""
    began = time.perf_counter()
    got = work()
    if time.perf_counter() - began > SLOW_S:
        return time.perf_counter() - began, got
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), got


def beside(
    work: str, peer: str, ours: Callable[[], Any], theirs: Callable[[], Any] | None, unit: str,
    error: Callable[[Any], float] = float, peer_error: Callable[[Any], float] = float,
) -> Row:  # fmt: skip
    """Time both; errors are taken from what they gave, outside of the clock."""
    ours()
    our_s, got = timed(ours)
    if theirs is None:
        return Row(work, peer, our_s, ours_error=error(got), unit=unit)
    peer_s, peer_got = timed(theirs)
    return Row(work, peer, our_s, peer_s, peer_s / our_s, error(got), peer_error(peer_got), unit)


def surface(noise: float = 0.003) -> Rows:
    """Rows of 20 expiries by 15 strikes: Heston's volatilities and noise."""
    rng = np.random.default_rng(0)
    days = np.unique(np.round(np.geomspace(7, 500, 20)))
    years = np.repeat(days / 365.0, 15)
    forward = np.full(years.size, 6e4)
    strike = forward * np.exp(np.tile(np.linspace(-1.5, 1.5, 15), 20) * 0.6 * np.sqrt(years))
    call = np.where(strike >= forward, 1.0, -1.0)
    columns = {"forward": forward, "strike": strike, "years": years, "call": call}
    price = run(heston_price.ANALYTIC, columns, TRUE)["price"]
    vol = run(implied_vol.ANALYTIC, {**columns, "option_price": price})["vol"]
    return forward, strike, years, vol + noise * rng.normal(size=vol.size)


# ---- QuantLib


def ql_sabr(rows: Rows, beta: float, guesses: int) -> list[tuple[float, float, float]]:
    """Alpha, nu and rho of one smile per expiry."""
    import QuantLib as ql

    out = []
    for years in np.unique(rows[2]):
        at = rows[2] == years
        order = np.argsort(rows[1][at])
        f, k, vol = float(rows[0][at][0]), rows[1][at][order], rows[3][at][order]
        alpha = float(vol[np.argmin(np.abs(k - f))]) * f ** (1.0 - beta)
        fitted = ql.SABRInterpolation(
            ql.Array(k.tolist()), ql.Array(vol.tolist()), float(years), f, alpha, beta, 1.0, -0.1,
            False, True, False, False, False, ql.EndCriteria(1000, 100, 1e-10, 1e-10, 1e-10),
            ql.LevenbergMarquardt(), 1e-9, False, guesses,
        )  # fmt: skip
        fitted(f, True)  # it fits when it is first asked
        out.append((fitted.alpha(), fitted.nu(), fitted.rho()))
    return out


def ql_sabr_error(rows: Rows, fits: list[tuple[float, float, float]], beta: float) -> float:
    """Root mean squared error of those smiles."""
    squares = 0.0
    for years, (alpha, nu, rho) in zip(np.unique(rows[2]), fits, strict=True):
        at = rows[2] == years
        columns = {"forward": rows[0][at], "strike": rows[1][at], "years": rows[2][at]}
        params = {"alpha": alpha, "beta": beta, "nu": nu, "rho": rho}
        squares += float(
            np.sum((run(sabr_vol.ANALYTIC, columns, params)["vol"] - rows[3][at]) ** 2)
        )
    return float(np.sqrt(squares / rows[0].size))


def sabr_error(fits: tuple[sabr_fit.SabrFit, ...]) -> float:
    """Root mean squared error over all strikes."""
    n = sum(f.strikes for f in fits)
    return float(np.sqrt(sum(f.rmse**2 * f.strikes for f in fits) / n))


def ql_heston_models(rows: Rows, nodes: int, start: Any) -> Any:
    """Model and helpers over one row per option; flat zero rates, one forward per expiry."""
    import QuantLib as ql

    today = ql.Date(23, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    one = ql.QuoteHandle(ql.SimpleQuote(1.0))
    model = ql.HestonModel(ql.HestonProcess(flat, flat, one, *start))
    engine = ql.AnalyticHestonEngine(model, nodes)
    helpers = []
    for f, k, t, vol in zip(*rows, strict=True):  # in units of the forward
        helper = ql.HestonModelHelper(
            ql.Period(round(t * 365), ql.Days), ql.NullCalendar(), 1.0, float(k / f),
            ql.QuoteHandle(ql.SimpleQuote(float(vol))), flat, flat,
            ql.BlackCalibrationHelper.PriceError,
        )  # fmt: skip
        helper.setPricingEngine(engine)
        helpers.append(helper)
    return model, helpers


def ql_heston_fit(rows: Rows) -> float:
    """Root mean squared error in volatility after calibration, prices weighted by 1 / vega."""
    import QuantLib as ql

    model, helpers = ql_heston_models(rows, 64, (0.36, 2.0, 0.36, 1.0, -0.3))
    f, k, t, vol = rows
    s = vol * np.sqrt(t)
    d = np.log(f / k) / s + 0.5 * s
    vega = np.sqrt(t / (2 * np.pi)) * np.exp(-0.5 * d * d)
    weights = 1.0 / np.maximum(vega, 0.01 * vega.max())
    model.calibrate(
        helpers, ql.LevenbergMarquardt(1e-8, 1e-8, 1e-8),
        ql.EndCriteria(500, 50, 1e-8, 1e-8, 1e-8), ql.NoConstraint(),
        ql.DoubleVector((weights**2 / np.sum(weights**2)).tolist()),
    )  # fmt: skip
    price = np.array([h.modelValue() for h in helpers])
    call = np.where(k >= f, 1.0, -1.0)
    columns = {"forward": np.ones(k.size), "strike": k / f, "years": t, "call": call,
               "option_price": price}  # fmt: skip
    got = run(implied_vol.ANALYTIC, columns)["vol"]
    return float(np.sqrt(np.nanmean((got - vol) ** 2)))


# ---- workloads


def implied(n: int = 1_000_000, few: int = 20_000) -> list[Row]:
    from scipy.special import ndtr

    rng = np.random.default_rng(0)
    years, vol = rng.uniform(0.01, 1.5, n), rng.uniform(0.2, 1.5, n)
    s = vol * np.sqrt(years)
    log = rng.normal(size=n) * s
    forward, strike = np.full(n, 6e4), 6e4 * np.exp(log)
    call = np.where(log > 0, 1.0, -1.0)
    d = -log / s
    price = call * (forward * ndtr(call * (d + s / 2)) - strike * ndtr(call * (d - s / 2)))
    columns = {"option_price": price, "forward": forward, "strike": strike, "years": years,
               "call": call}  # fmt: skip

    def ours() -> float:
        return float(np.nanmax(np.abs(run(implied_vol.ANALYTIC, columns)["vol"] / vol - 1)))

    def theirs() -> float:
        import QuantLib as ql

        worst = 0.0
        for i in range(few):
            kind = ql.Option.Call if call[i] > 0 else ql.Option.Put
            got = ql.blackFormulaImpliedStdDev(
                kind, strike[i], 6e4, price[i], 1.0, 0.0, s[i], 1e-12
            )
            worst = max(worst, abs(got / s[i] - 1))
        return worst

    row = beside(f"implied volatility, {n:,}", f"QuantLib, {few:,} x 50", ours, theirs, "relative")
    assert row.peer_s is not None
    scaled = row.peer_s * n / few
    return [Row(row.work, row.peer, row.ours_s, scaled, scaled / row.ours_s, row.ours_error,
                row.peer_error, row.unit)]  # fmt: skip


def sabr() -> list[Row]:
    rng = np.random.default_rng(1)
    years = np.repeat(np.geomspace(2, 540, 20) / 365, 15)
    forward = np.full(300, 6e4)
    strike = forward * np.exp(np.tile(np.linspace(-1.5, 1.5, 15), 20) * 0.6 * np.sqrt(years))
    smile = []
    for i in range(20):
        at = slice(15 * i, 15 * i + 15)
        params = {"alpha": 0.6, "rho": rng.uniform(-0.5, 0.2), "nu": 0.7 / years[15 * i] ** 0.4}
        columns = {"forward": forward[at], "strike": strike[at], "years": years[at]}
        smile.append(run(sabr_vol.ANALYTIC, columns, params)["vol"])
    rows = (forward, strike, years, np.concatenate(smile) + 0.003 * rng.normal(size=300))

    return [
        beside("SABR, 20 x 15", f"QuantLib, {name}", lambda: sabr_fit.fit_expiries(*rows),
               lambda g=g: ql_sabr(rows, 1.0, g), "vol", sabr_error,
               lambda fits: ql_sabr_error(rows, fits, 1.0))
        for name, g in (("first guess", 1), ("50 guesses", 50))
    ]  # fmt: skip


def heston() -> list[Row]:
    rows = surface()
    columns = dict(zip(("forward", "strike", "years"), rows[:3], strict=True))
    columns["call"] = np.ones(300)
    exact = run(heston_price.ANALYTIC, columns, {**TRUE, "nodes": 256.0})["price"]
    start = (TRUE["v0"], TRUE["kappa"], TRUE["theta"], TRUE["sigma"], TRUE["rho"])
    out = []
    model, helpers = ql_heston_models(rows, 192, start)
    kinds = np.where(rows[1] >= rows[0], 0.0, 1.0 - rows[1] / rows[0])  # helpers price puts there

    def theirs() -> float:
        model.setParams(model.params())  # tells the engine that all prices are out of date
        got = (np.array([h.modelValue() for h in helpers]) + kinds) * rows[0]
        return float(np.abs(got - exact).max() / 6e4)

    for nodes in (64.0, 48.0):

        def ours(nodes: float = nodes) -> float:
            got = run(heston_price.ANALYTIC, columns, {**TRUE, "nodes": nodes})["price"]
            return float(np.abs(got - exact).max() / 6e4)

        work = f"Heston, 300 prices, {nodes:.0f} nodes"
        out.append(beside(work, "QuantLib, 192 nodes", ours, theirs, "of the forward"))
    fits = [
        beside(f"Heston, 20 x 15, fit, {starts:.0f} starts", "QuantLib, 64 nodes",
               lambda s=starts: heston_fit.fit(*rows, starts=s).rmse,
               lambda: ql_heston_fit(rows), "vol")
        for starts in (1.0, 2.0)
    ]  # fmt: skip
    return out + fits


def chains() -> list[Row]:
    """Every smile and surface of three recorded chains; errors in volatility."""
    import polars as pl

    folder = DATA / "options"
    if not DATA.name or not folder.is_dir():
        return []
    hourly = pl.read_parquet(folder / "deribit_btc_chain_hourly_2026-01-23.parquet")
    at = datetime(2026, 1, 23, 8, tzinfo=UTC)
    found = {
        "ETH 2024-01-08": deribit_chain(
            pl.read_parquet(folder / "deribit_eth_chain_2024-01-08.parquet"),
            datetime.fromtimestamp(1_704_712_781.414, UTC),
        ).tradable(),
        "BTC 2024-05-24": deribit_chain(
            pl.read_parquet(folder / "deribit_btc_chain_2024-05-24.parquet"),
            datetime(2024, 5, 24, 13, 10, tzinfo=UTC),
        ).tradable(quoted=False),
        "BTC 2026-01-23": deribit_chain(hourly.filter(hourly["date"] == at), at).tradable(),
    }
    out = []
    for name, chain in found.items():
        out += one_chain(name, chain)
    return out


def one_chain(name: str, chain: Chain) -> list[Row]:
    times, counts = np.unique(chain.years, return_counts=True)
    full = chain.take(np.isin(chain.years, times[counts >= 5]))
    rows = full.rows
    what = f"{name}, {len(full)} options"

    out = [
        beside(f"{what}: SABR", "QuantLib, first guess", lambda: sabr_fit.fit_expiries(*rows),
               lambda: ql_sabr(rows, 1.0, 1), "vol", sabr_error,
               lambda fits: ql_sabr_error(rows, fits, 1.0)),
        beside(f"{what}: SVI surface", "", lambda: surface_fit.fit(*rows).rmse, None, "vol"),
        beside(f"{what}: surface SVI", "", lambda: ssvi_fit.fit(*rows).rmse, None, "vol"),
    ]  # fmt: skip
    whole_days = name.endswith("01-23")
    for days in (0.0, 20.0):
        part = full.take(full.years > days / 365).rows
        out.append(
            beside(f"{name}, beyond {days:.0f} days: Heston", "QuantLib, 64 nodes",
                   lambda p=part: heston_fit.fit(*p).rmse,
                   (lambda p=part: ql_heston_fit(p)) if whole_days else None, "vol")
        )  # fmt: skip
    return out


def main() -> None:
    rows = [row for make in (implied, sabr, heston, chains) for row in make()]
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine_name(), "rows": [asdict(r) for r in rows]}))
        return
    print(machine_name())
    print(f"{'work':52s} {'peer':24s} {'ours ms':>9s} {'peer ms':>9s} {'ratio':>7s}  errors")
    for r in rows:
        peer = f"{r.peer_s * 1e3:9.2f} {r.ratio:7.1f}" if r.peer_s and r.ratio else " " * 17
        errors = " ".join(f"{e:.3g}" for e in (r.ours_error, r.peer_error) if e is not None)
        print(f"{r.work:52s} {r.peer:24s} {r.ours_s * 1e3:9.2f} {peer}  {errors} {r.unit}")


if __name__ == "__main__":
    main()
