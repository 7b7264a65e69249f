# SPDX-License-Identifier: MIT
"""PIN: the probability that a trade comes from somebody who knows more.

Formula: days are without news (1 - a), bad (a d) or good (a (1 - d)); numbers of buys and
sells are Poisson with rates (eb, es), (eb, es + mu), (eb + mu, es); the sum over days of the
log of the mixture, factored so that nothing overflows, is maximised;
PIN = a mu / (a mu + eb + es).
Unit: rates per day, PIN and shares none.
Assumption: days are independent and arrivals Poisson.  With the thousands of trades a day of
crypto the days differ by far more than Poisson allows, and a becomes the share of busy
days: ``doubts`` says so; prefer VPIN's excess, markouts and the realised spread there.
Cost: O(days) per step; 125 starts of five steps, the best ten climb on.
Source: Easley, Kiefer, O'Hara and Paperman (1996), Journal of Finance 51(4); factored as in
Lin and Ke (2011), Journal of Financial Markets 14(4); starts after Yan and Zhang (2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry
from seawall.analytics.spec import Analytic, Need
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW_DAYS = 60
SCREENED, CLIMBED = 5, 150
GRID = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class Pin:
    """The estimate.

    Parameters
    ----------
    pin, pin_error : float
        Probability of informed trading, and its standard error.
    alpha, delta : float
        Share of days with news; share of these with bad news.
    mu, eps_b, eps_s : float
        Rates of the informed, and of other buyers and sellers, per day.
    errors : tuple of float
        Standard errors of alpha, delta, mu, eps_b and eps_s.
    loglik : float
        Log-likelihood with the factorials.
    days : int
        Days that were used.
    doubts : tuple of str
        Why it should not be relied on.
    """

    pin: float
    pin_error: float
    alpha: float
    delta: float
    mu: float
    eps_b: float
    eps_s: float
    errors: tuple[float, ...]
    loglik: float
    days: int
    doubts: tuple[str, ...]


@entry
def climb(buys: Array, sells: Array, theta: Table, steps: int, out: Array) -> None:
    """Take every row of ``theta`` up by expectation and maximisation; logs of the mixtures.

    ``out`` gets the log-likelihood of each row before its last step, without factorials.
    """
    days = buys.size
    for s in range(theta.shape[0]):
        a, d, mu, eb, es = theta[s]
        for _ in range(steps):
            total, news, bad, informed_b, informed_s = 0.0, 0.0, 0.0, 0.0, 0.0
            jump_b, jump_s = math.log1p(mu / eb), math.log1p(mu / es)
            share_b, share_s = mu / (eb + mu), mu / (es + mu)
            ln_b, ln_s = math.log(eb), math.log(es)
            for i in range(days):
                xb = sells[i] * jump_s - mu
                xg = buys[i] * jump_b - mu
                top = max(0.0, xb, xg)
                wb = a * d * math.exp(xb - top)
                wg = a * (1.0 - d) * math.exp(xg - top)
                w = (1.0 - a) * math.exp(-top) + wb + wg
                total += top + math.log(w) + buys[i] * ln_b + sells[i] * ln_s
                wb /= w
                wg /= w
                news += wb + wg
                bad += wb
                informed_s += wb * sells[i] * share_s
                informed_b += wg * buys[i] * share_b
            out[s] = total - days * (eb + es)
            a = min(max(news / days, 1e-9), 1.0 - 1e-9)
            d = min(max(bad / max(news, 1e-300), 1e-9), 1.0 - 1e-9)
            mu = max((informed_b + informed_s) / max(news, 1e-300), 1e-9)
            eb = max((buys.sum() - informed_b) / days, 1e-9)
            es = max((sells.sum() - informed_s) / days, 1e-9)
        theta[s, 0], theta[s, 1], theta[s, 2], theta[s, 3], theta[s, 4] = a, d, mu, eb, es


@entry
def loglik(buys: Array, sells: Array, x: Array, grad: Array) -> Any:
    """Log-likelihood without factorials, and its gradient in alpha, delta, mu, eb, es."""
    a, d, mu, eb, es = x
    grad[:] = 0.0
    total = -buys.size * (eb + es)
    jump_b, jump_s = math.log1p(mu / eb), math.log1p(mu / es)
    ln_b, ln_s = math.log(eb), math.log(es)
    for i in range(buys.size):
        b, s = buys[i], sells[i]
        xb, xg = s * jump_s - mu, b * jump_b - mu
        top = max(0.0, xb, xg)
        eb_, eg_, en_ = math.exp(xb - top), math.exp(xg - top), math.exp(-top)
        w = (1.0 - a) * en_ + a * d * eb_ + a * (1.0 - d) * eg_
        total += top + math.log(w) + b * ln_b + s * ln_s
        pb, pg = a * d * eb_ / w, a * (1.0 - d) * eg_ / w
        grad[0] += (d * eb_ + (1.0 - d) * eg_ - en_) / w
        grad[1] += a * (eb_ - eg_) / w
        grad[2] += pb * (s / (es + mu) - 1.0) + pg * (b / (eb + mu) - 1.0)
        grad[3] += b / eb - 1.0 + pg * b * (1.0 / (eb + mu) - 1.0 / eb)
        grad[4] += s / es - 1.0 + pb * s * (1.0 / (es + mu) - 1.0 / es)
    return total


def starts(buys: Vector, sells: Vector) -> npt.NDArray[np.float64]:
    """Grid of Yan and Zhang: alpha, delta, and how many of the buyers know nothing."""
    b, s = float(buys.mean()), float(sells.mean())
    rows = []
    for a in GRID:
        for d in GRID:
            for g in GRID:
                eb = g * b
                mu = (b - eb) / (a * (1.0 - d))
                es = s - a * d * mu
                if es > 0.0:
                    rows.append((a, d, mu, eb, es))
    spread = max(b, s, 1.0)
    rows.append((0.3, 0.5, 0.5 * spread, 0.8 * max(b, 1e-3), 0.8 * max(s, 1e-3)))
    return np.array(rows)


def fit(buys: Vector, sells: Vector) -> Pin:
    """Estimate from the numbers of buys and sells of each day.

    Raises
    ------
    ResearchError
        With fewer than five sound days, or none with a buy or none with a sell.
    """
    ok = np.isfinite(buys) & np.isfinite(sells) & (buys >= 0.0) & (sells >= 0.0)
    b, s = np.ascontiguousarray(buys[ok]), np.ascontiguousarray(sells[ok])
    if b.size < 5 or b.sum() == 0.0 or s.sum() == 0.0:
        raise ResearchError(
            f"{b.size} sound days, {b.sum():g} buys, {s.sum():g} sells",
            where="PIN",
            mend="give the numbers of buys and sells of five days at least",
        )
    theta = starts(b, s)
    value = np.empty(len(theta))
    climb(b, s, theta, SCREENED, value)
    theta = np.ascontiguousarray(theta[np.argsort(-value)[:10]])
    value = np.empty(len(theta))
    climb(b, s, theta, CLIMBED, value)
    inner = [k for k in np.argsort(-value) if 1e-4 < theta[k, 1] < 1 - 1e-4] or [0]
    best = theta[int(value.argmax())]
    # A corner is taken only when no maximum within is as good.
    if value[inner[0]] > value.max() - 1e-6:
        best = theta[inner[0]]
    x, top = _polish(b, s, best)
    return _report(b, s, x, top)


def _polish(b: Vector, s: Vector, x: Vector) -> tuple[Vector, float]:
    from scipy.optimize import minimize

    grad, size = np.empty(5), np.array([1.0, 1.0, *x[2:]])

    def objective(z: Vector) -> tuple[float, Vector]:
        value = loglik(b, s, z * size, grad)
        return -value, -grad * size

    low = np.array([1e-9, 1e-9, 1e-9, 1e-9, 1e-9]) / size
    high = np.array([1.0 - 1e-9, 1.0 - 1e-9, np.inf, np.inf, np.inf])
    found = minimize(objective, x / size, jac=True, method="L-BFGS-B",
                     bounds=list(zip(low, high, strict=True)),
                     options={"ftol": 1e-15, "gtol": 1e-7})  # fmt: skip
    before = loglik(b, s, x, grad)
    if -found.fun >= before:
        return found.x * size, float(-found.fun)
    return x, float(before)


def _report(b: Vector, s: Vector, x: Vector, top: float) -> Pin:
    from scipy.special import gammaln

    a, d, mu, eb, es = (float(v) for v in x)
    pin = a * mu / (a * mu + eb + es)
    covariance = _covariance(b, s, x)
    whole = (a * mu + eb + es) ** 2
    slope = np.array([mu * (eb + es), 0.0, a * (eb + es), -a * mu, -a * mu]) / whole
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(covariance))
        pin_error = float(np.sqrt(slope @ covariance @ slope))
    full = top - float(gammaln(b + 1.0).sum() + gammaln(s + 1.0).sum())
    return Pin(
        pin, pin_error, a, d, mu, eb, es, tuple(float(e) for e in errors), full, int(b.size),
        _doubts(b, s, x),
    )  # fmt: skip


def _covariance(b: Vector, s: Vector, x: Vector) -> npt.NDArray[np.float64]:
    """Inverse of the observed information; not-a-number at a corner."""
    if not (1e-6 < x[0] < 1.0 - 1e-6 and 1e-6 < x[1] < 1.0 - 1e-6):
        return np.full((5, 5), np.nan)
    curve, grad = np.empty((5, 5)), np.empty(5)
    for k in range(5):
        step = 1e-5 * max(float(x[k]), 1e-3)
        up, down = x.copy(), x.copy()
        up[k] += step
        down[k] -= step
        loglik(b, s, up, grad)
        high = grad.copy()
        loglik(b, s, down, grad)
        curve[k] = (high - grad) / (2.0 * step)
    try:
        return np.asarray(np.linalg.inv(-0.5 * (curve + curve.T)), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full((5, 5), np.nan)


def _doubts(b: Vector, s: Vector, x: Vector) -> tuple[str, ...]:
    out = []
    if b.size < FEW_DAYS:
        out.append(f"only {b.size} days: fewer than {FEW_DAYS}")
    if not (1e-6 < x[0] < 1.0 - 1e-6 and 1e-6 < x[1] < 1.0 - 1e-6):
        out.append("a share of days is at its edge: a corner, no estimate")
    # Within a kind of day Poisson numbers have a variance equal to their mean.
    rest = np.minimum((b - x[3]) ** 2, (b - x[3] - x[2]) ** 2) / np.maximum(b, 1.0)
    rest += np.minimum((s - x[4]) ** 2, (s - x[4] - x[2]) ** 2) / np.maximum(s, 1.0)
    if float(np.median(rest)) > 10.0:
        out.append("days differ by far more than Poisson numbers do: the model does not fit")
    return tuple(out)


ANALYTIC = Analytic(
    name="pin", group="costs", inputs=("buys", "sells"), doc=__doc__, fit=fit,
    need=Need(seconds=300.0),
)  # fmt: skip
