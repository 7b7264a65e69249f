# SPDX-License-Identifier: MIT
"""Seeded inputs of the rows of analytics and estimators: one `columns.npz` per row.

Made with numpy alone, but for the option surface, whose exact prices come from this package.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Columns = dict[str, Any]
HESTON = {"v0": 0.36, "kappa": 3.0, "theta": 0.49, "sigma": 0.8, "rho": -0.3}
HMM_GUESS = (0.0005, 0.001, 0.0015, 0.004)
"""Standard deviations from which both sides set out; all states last ten rows."""


def hawkes(seed: int, end: float, mu: np.ndarray, a: np.ndarray, beta: float) -> Columns:
    """A Hawkes process of several types and one decay, by thinning."""
    rng = np.random.default_rng(seed)
    t, at, excited = 0.0, np.zeros(mu.size), np.zeros(mu.size)
    times, kinds = [], []
    while True:
        bound = float((mu + excited).sum())
        t += rng.exponential(1.0 / bound)
        if t > end:
            break
        now = excited * np.exp(-beta * (t - at))
        rates = np.cumsum(mu + now)
        excited, at = now, np.full(mu.size, t)
        draw = rng.random() * bound
        if draw < rates[-1]:
            kind = int(np.searchsorted(rates, draw, side="right"))
            times.append(t)
            kinds.append(kind)
            excited = excited + beta * a[:, kind]
    return {"t": np.array(times), "kind": np.array(kinds, dtype=np.int64), "end": end}


def hawkes_1(few: int) -> Columns:
    found = hawkes(0, 50_000.0 / few, np.array([0.5]), np.array([[0.5]]), 2.0)
    calm = np.sort(np.random.default_rng(1).uniform(0.0, 120.0, 60))
    return {**found, "calm": calm}


def hawkes_4(few: int) -> Columns:
    a = np.full((4, 4), 0.05) + 0.3 * np.eye(4)
    return hawkes(0, 25_000.0 / few, np.full(4, 0.25), a, 3.0)


def implied_vol(few: int) -> Columns:
    from scipy.special import ndtr

    n = 1_000_000 // few
    rng = np.random.default_rng(0)
    years, vol = rng.uniform(0.01, 1.5, n), rng.uniform(0.2, 1.5, n)
    s = vol * np.sqrt(years)
    log = rng.normal(size=n) * s
    forward, strike = np.full(n, 6e4), 6e4 * np.exp(log)
    call = np.where(log > 0, 1.0, -1.0)
    d = -log / s
    price = call * (forward * ndtr(call * (d + s / 2)) - strike * ndtr(call * (d - s / 2)))
    return {"price": price, "forward": forward, "strike": strike, "years": years, "call": call,
            "vol": vol}  # fmt: skip


def grid(years: np.ndarray) -> Columns:
    """Fifteen strikes about one forward for each expiry, one row per option."""
    rows = np.repeat(years, 15)
    wide = np.tile(np.linspace(-1.5, 1.5, 15), years.size) * 0.6 * np.sqrt(rows)
    forward = np.full(rows.size, 6e4)
    return {"forward": forward, "strike": forward * np.exp(wide), "years": rows}


def sabr(few: int) -> Columns:
    """Hagan's smiles of 20 expiries, and noise of 0.3 vol points."""
    rng = np.random.default_rng(1)
    rows = grid(np.geomspace(2, 540, 20) / 365)
    vol = np.empty(300)
    for i in range(20):
        at = slice(15 * i, 15 * i + 15)
        t, rho = rows["years"][at], rng.uniform(-0.5, 0.2)
        nu = 0.7 / float(t[0]) ** 0.4
        z = nu / 0.6 * np.log(rows["forward"][at] / rows["strike"][at])
        x = np.log((np.sqrt(1.0 - 2.0 * rho * z + z * z) + z - rho) / (1.0 - rho))
        ratio = np.where(np.abs(z) < 1e-9, 1.0, z / np.where(x == 0.0, 1.0, x))
        vol[at] = 0.6 * ratio * (1.0 + (0.15 * rho * nu + (2 - 3 * rho**2) / 24 * nu**2) * t)
    return {**rows, "vol": vol + 0.003 * rng.normal(size=300)}


def heston(few: int) -> Columns:
    """Heston's volatilities of 20 expiries in whole days, and noise of 0.3 vol points."""
    from seawall.analytics.registry import analytic
    from seawall.analytics.spec import run

    rng = np.random.default_rng(0)
    rows = grid(np.unique(np.round(np.geomspace(7, 500, 20))) / 365.0)
    rows["call"] = np.where(rows["strike"] >= rows["forward"], 1.0, -1.0)
    price = run(analytic("heston_price"), rows, {**HESTON, "nodes": 256.0})["price"]
    vol = run(analytic("implied_vol"), {**rows, "option_price": price})["vol"]
    return {**rows, "price": price, "vol": vol + 0.003 * rng.normal(size=vol.size)}


def chain(n: int, sd: tuple[float, ...], stay: float = 0.97) -> np.ndarray:
    """Values of a hidden Markov model of normal laws with mean 0."""
    rng = np.random.default_rng(0)
    state, now = np.empty(n, dtype=int), 0
    move, other = rng.random(n) > stay, rng.integers(len(sd), size=n)
    for t in range(n):
        now = int(other[t]) if move[t] else now
        state[t] = now
    return np.array(sd)[state] * rng.normal(size=n)


def hmm(few: int) -> Columns:
    # Raw returns: a peer whose floor of the variance is made for numbers near 1 fails here.
    return {"x": chain(100_000 // few, (0.00036, 0.0009, 0.002, 0.0044))}


def markov_switching(few: int) -> Columns:
    return {"x": chain(2_000 // min(few, 2), (0.036, 0.09, 0.2, 0.44))}


def drifting(few: int) -> Columns:
    """Values in [0, 1] whose mean moves at every twentieth of the way."""
    n = 1_000_000 // few
    rng = np.random.default_rng(2)
    shift = rng.uniform(-0.15, 0.15, 20)
    return {"x": np.clip(rng.normal(0.5, 0.15, n) + np.repeat(shift, n // 20)[:n], 0.0, 1.0)}


def trades(few: int) -> Columns:
    n = 5_000_000 // few
    rng = np.random.default_rng(0)
    qty = rng.lognormal(size=n)
    return {"qty": qty, "side": rng.choice([-1.0, 1.0], n), "bucket": float(qty.sum()) / 2_500}


def quotes(few: int) -> Columns:
    n = 5_000_000 // few
    rng = np.random.default_rng(0)
    bid = 1_000.0 + 0.5 * np.cumsum(rng.integers(-1, 2, n))
    return {"bid_px": bid, "ask_px": bid + 0.5 * rng.integers(1, 3, n),
            "bid_qty": rng.lognormal(size=n), "ask_qty": rng.lognormal(size=n)}  # fmt: skip


def gpd(few: int) -> Columns:
    return {"y": np.random.default_rng(1).pareto(3.0, 10_000 // min(few, 10))}


def power_law(few: int) -> Columns:
    return {"x": np.abs(np.random.default_rng(0).standard_t(3, 10_000 // min(few, 10)))}


def acd(few: int) -> Columns:
    n = 100_000 // few
    errors, x, psi = np.random.default_rng(0).exponential(1.0, n), np.empty(n), 1.0
    for i in range(n):
        x[i] = psi * errors[i]
        psi = 0.1 + 0.1 * x[i] + 0.8 * psi
    return {"x": x}


def pin(few: int) -> Columns:
    rng = np.random.default_rng(0)
    kind = rng.choice(3, 250, p=[0.6, 0.2, 0.2])
    buys = rng.poisson(150.0 + 140.0 * (kind == 2)).astype(float)
    return {"buys": buys, "sells": rng.poisson(130.0 + 140.0 * (kind == 1)).astype(float)}


def bars(few: int) -> Columns:
    n = 1_000_000 // few
    rng = np.random.default_rng(4)
    close = 6e4 * np.exp(1e-4 * np.cumsum(rng.normal(size=n)))
    wide = 1e-4 * np.abs(rng.normal(size=(2, n)))
    return {"close": close, "high": close * (1 + wide[0]), "low": close * (1 - wide[1]),
            "volume": rng.lognormal(size=n)}  # fmt: skip


def garch(few: int) -> Columns:
    return {"x": 0.7 * np.random.default_rng(1).standard_t(6, 100_000 // few)}


def sample_entropy(few: int) -> Columns:
    return {"x": np.random.default_rng(2).normal(size=5_000 // min(few, 5))}


def dfa(few: int) -> Columns:
    return {"x": np.random.default_rng(3).normal(size=100_000 // few)}


def variance_ratio(few: int) -> Columns:
    return {"price": np.exp(0.01 * np.random.default_rng(2).normal(size=20_000 // few).cumsum())}


def panel(few: int) -> Columns:
    rng = np.random.default_rng(3)
    return {"x": rng.normal(size=(500, 1)) + rng.normal(size=(500, 50))}


def clustered(n: int, d: int, bad: float) -> np.ndarray:
    """Correlated normal rows, a share of them in a tight cluster five deviations away.

    Neighbours correlate by a half.  Where all columns correlate alike, by 0.3, the cluster
    lies along the one wide direction, and MRCD takes it in: the reference as well as ours.
    """
    rng = np.random.default_rng(1)
    apart = np.abs(np.subtract.outer(np.arange(d), np.arange(d)))
    rows = rng.normal(size=(n, d)) @ np.linalg.cholesky(0.5**apart).T
    count = int(bad * n)
    rows[:count] = 5.0 + 0.1 * rng.normal(size=(count, d))
    return rows


MAKERS: dict[str, Callable[[int], Columns]] = {
    "A-hawkes-1": hawkes_1,
    "A-hawkes-4": hawkes_4,
    "A-implied-vol": implied_vol,
    "A-sabr": sabr,
    "A-heston": heston,
    "A-hmm": hmm,
    "A-markov-switching": markov_switching,
    "A-adwin": drifting,
    "A-page-hinkley": drifting,
    "A-vpin": trades,
    "A-ofi": quotes,
    "A-gpd": gpd,
    "A-power-law": power_law,
    "A-acd": acd,
    "A-pin": pin,
    "A-indicators": bars,
    "A-garch-filter": garch,
    "A-sample-entropy": sample_entropy,
    "A-dfa": dfa,
    "A-variance-ratio": variance_ratio,
    "A-mst": panel,
    "A-spillover": lambda few: {"x": panel(few)["x"][:, :8]},
    "A-book-and-flow": lambda few: {"events": 1_000_000 // few},
    "R-mrcd": lambda few: {"rows": clustered(1_000, 50, 0.2)},
    "R-mrcd-wide": lambda few: {"rows": clustered(200, 400 // min(few, 4), 0.2)},
    "R-column": lambda few: {"x": clustered(1_000, 1, 0.1)[:, 0]},
}


def make(name: str, folder: Path, quick: bool) -> None:
    """Write one row's columns; quick ones have a twentieth of the rows where that is enough."""
    columns = MAKERS[name](20 if quick else 1)
    np.savez(folder / "columns.npz", **columns)
    if name.startswith("R-mrcd"):  # for the peer that is no Python
        np.savetxt(folder / "rows.csv", columns["rows"], delimiter=",", fmt="%.17g")
