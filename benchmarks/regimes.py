# SPDX-License-Identifier: MIT
"""Regimes, GARCH and indicators beside the packages that do the same.

    python benchmarks/regimes.py                     # a table
    python benchmarks/regimes.py --json              # one object
    python benchmarks/regimes.py --hmmlearn PYTHON   # an interpreter that has hmmlearn and river

Outcomes are compared before any time is.  A time is the median of the rounds after one that
compiles; peers that take seconds run once.  hmmlearn and river, which pin other packages, are
asked in an interpreter of their own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seawall.analytics.indicators.live import LiveIndicators
from seawall.analytics.indicators.talib_batch import CALLS, talib_values
from seawall.analytics.measure import machine_name
from seawall.analytics.regimes import adwin, bocpd, cusum, garch_filter, page_hinkley
from seawall.analytics.regimes.hmm_em import em
from seawall.analytics.regimes.switching import fit as switching_fit
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run

ROUNDS, SLOW_S = 5, 1.0
SD = (0.036, 0.09, 0.2, 0.44)  # percent: hmmlearn's defaults would ruin raw returns
EM_STEPS = 20
GUESS = {"sd": (0.05, 0.1, 0.15, 0.4), "stay": 0.9}

PEER = """
import json, sys, time
import numpy as np
x = np.load(sys.argv[1])
from hmmlearn.hmm import GaussianHMM
def make():
    m = GaussianHMM(4, covariance_type="diag", init_params="", covars_prior=0.0, n_iter=%d,
                    tol=-np.inf, implementation="scaling")
    m.startprob_ = np.full(4, 0.25)
    m.transmat_ = np.full((4, 4), 0.1 / 3) + (0.9 - 0.1 / 3) * np.eye(4)
    m.means_ = np.zeros((4, 1))
    m.covars_ = np.array(%r)[:, None] ** 2
    return m
times = []
for _ in range(3):
    m = make()
    t = time.perf_counter(); m.fit(x[:, None]); times.append(time.perf_counter() - t)
print(json.dumps({"s": sorted(times)[1], "loglik": float(m.monitor_.history[-1])}))
"""


@dataclass(frozen=True)
class Row:
    """One workload with one peer: seconds, and how far the outcomes lie apart."""

    work: str
    peer: str
    ours_s: float
    peer_s: float | None = None
    ratio: float | None = None
    difference: float | None = None
    note: str = ""


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
    work: str, peer: str, ours: Callable[[], Any], theirs: Callable[[], Any], note: str = ""
) -> Row:
    """Run both and compare the number that each gives."""
    ours()
    our_s, got = timed(ours)
    peer_s, peer_got = timed(theirs)
    apart = abs(float(got) - float(peer_got)) / max(abs(float(peer_got)), 1e-300)
    return Row(work, peer, our_s, peer_s, peer_s / our_s, apart, note)


def series(n: int, sd: tuple[float, ...], stay: float = 0.97) -> np.ndarray:
    """Values of a hidden Markov model."""
    rng = np.random.default_rng(0)
    state, now = np.empty(n, dtype=int), 0
    move = rng.random(n) > stay
    other = rng.integers(len(sd), size=n)
    for t in range(n):
        now = int(other[t]) if move[t] else now
        state[t] = now
    return np.array(sd)[state] * rng.normal(size=n)


def hidden_markov(peer: str) -> list[Row]:
    x = series(100_000, SD)
    history = np.empty(EM_STEPS)

    def ours() -> float:
        move = np.full((4, 4), 0.1 / 3) + (0.9 - 0.1 / 3) * np.eye(4)
        em(x, np.full(4, 0.25), move, np.zeros(4), np.array(GUESS["sd"]), 0.0, 0.0, 0.0, EM_STEPS,
           -np.inf, history)  # fmt: skip
        return float(history[-1])

    work = f"HMM, 4 states, 100,000 returns, {EM_STEPS} steps"
    ours()
    our_s, got = timed(ours)
    if not peer:
        return [Row(work, "hmmlearn", our_s, note="give --hmmlearn PYTHON")]
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "x.npy", x)
        code = PEER % (EM_STEPS, list(GUESS["sd"]))  # type: ignore[call-overload]
        done = subprocess.run([peer, "-c", code, str(Path(folder) / "x.npy")], check=True,
                              capture_output=True, text=True)  # fmt: skip
    theirs = json.loads(done.stdout)
    apart = abs(got - theirs["loglik"]) / abs(got)
    return [Row(work, "hmmlearn, scaling", our_s, theirs["s"], theirs["s"] / our_s, apart,
                "log-likelihood")]  # fmt: skip


def switching() -> list[Row]:
    x = series(10_000, SD)

    def theirs() -> float:
        from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = MarkovRegression(x, k_regimes=4, trend="c", switching_variance=True)
            return float(model.fit(disp=False).llf)

    return [
        beside("Markov switching, 4 regimes, 10,000", "statsmodels",
               lambda: switching_fit(x, states=4.0, starts=1.0).loglik, theirs,
               "log-likelihood; ours has free start probabilities")
    ]  # fmt: skip


def garch() -> list[Row]:
    from arch.univariate import GARCH, ZeroMean

    rng = np.random.default_rng(1)
    r = 0.7 * rng.standard_t(6, 100_000)
    params = {"omega": 0.02, "alpha": 0.08, "gamma": 0.0, "beta": 0.9}
    model = ZeroMean(r, rescale=False)
    model.volatility = GARCH(1, 0, 1)
    backcast = float(model.volatility.backcast(r))
    fixed = np.array([0.02, 0.08, 0.9])

    def theirs() -> float:
        return float(model.fix(fixed).conditional_volatility[-1])

    def ours() -> float:
        got = run(garch_filter.ANALYTIC, {"value": r}, {**params, "backcast": backcast})
        return float(got["vol"][-1])

    return [beside("GARCH filter, 100,000", "arch, fixed parameters", ours, theirs)]


def change() -> list[Row]:
    x = np.random.default_rng(2).random(1_000_000)
    z = np.random.default_rng(3).normal(size=1_000_000)
    out = []
    for one, values in ((adwin, x), (page_hinkley, x), (cusum, z), (bocpd, z[:20_000])):
        work = lambda a=one.ANALYTIC, v=values: run(a, {"value": v})  # noqa: E731
        work()
        out.append(Row(f"{one.ANALYTIC.name}, {values.size:,}", "", timed(work)[0]))
    return out


def indicators() -> list[Row]:
    rng = np.random.default_rng(4)
    n = 1_000_000
    close = 6e4 * np.exp(1e-4 * np.cumsum(rng.normal(size=n)))
    wide = 1e-4 * np.abs(rng.normal(size=(2, n)))
    columns = {"close": close, "high": close * (1 + wide[0]), "low": close * (1 - wide[1]),
               "volume": rng.lognormal(size=n)}  # fmt: skip
    out, ours_all, theirs_all = [], 0.0, 0.0
    for name in CALLS:
        one = analytic(name)
        given = {k: columns[k] for k in one.inputs}
        row = beside(name, "TA-Lib", lambda o=one, g=given: run(o, g).values[-1, 0],
                     lambda m=name: talib_values(m, columns)[0][-1])  # fmt: skip
        ours_all, theirs_all = ours_all + row.ours_s, theirs_all + (row.peer_s or 0.0)
        out.append(row)
    worst = max(r.difference or 0.0 for r in out)
    batch = Row("10 indicators, 1,000,000 bars, row by row", "TA-Lib, batch", ours_all, theirs_all,
                theirs_all / ours_all, worst)  # fmt: skip
    return [batch, live(columns)]


def live(columns: dict[str, np.ndarray], bars: int = 2_000, window: int = 500) -> Row:
    from talib import stream

    c, h, w, v = (columns[k][:window].copy() for k in ("close", "high", "low", "volume"))
    ours = LiveIndicators()
    rows = list(zip(*(columns[k][: window + bars].tolist()
                      for k in ("high", "low", "close", "volume")), strict=True))  # fmt: skip
    for row in rows[:window]:
        ours.update(*row)

    def one_by_one() -> float:
        for row in rows[window:]:
            ours.update(*row)
        return float(ours.values[0])

    def talib_one_by_one() -> None:
        for _ in range(bars // 10):
            stream.SMA(c, 20), stream.EMA(c, 20), stream.RSI(c, 14), stream.MACD(c)
            stream.BBANDS(c, 20), stream.ATR(h, w, c, 14), stream.ADX(h, w, c, 14)
            stream.PLUS_DI(h, w, c, 14), stream.MINUS_DI(h, w, c, 14), stream.STOCH(h, w, c)
            stream.OBV(c, v), stream.CCI(h, w, c, 20)

    our_s = timed(one_by_one)[0] / bars
    peer_s = timed(talib_one_by_one)[0] / (bars // 10)
    return Row("all 10 for one live bar", f"TA-Lib stream, {window} bars", our_s, peer_s,
               peer_s / our_s)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hmmlearn", default="", metavar="PYTHON")
    asked = parser.parse_args()
    rows = [*hidden_markov(asked.hmmlearn), *switching(), *garch(), *change(), *indicators()]
    if asked.json:
        print(json.dumps({"machine": machine_name(), "rows": [asdict(r) for r in rows]}))
        return
    print(machine_name())
    for r in rows:
        peer = f"{r.peer_s * 1e3:11.4f} ms {r.ratio:8.1f}x" if r.peer_s and r.ratio else ""
        apart = "" if r.difference is None else f"  apart {r.difference:.1e}"
        print(f"{r.work:46s} {r.ours_s * 1e3:10.4f} ms  {r.peer:26s} {peer}{apart} {r.note}")


if __name__ == "__main__":
    main()
