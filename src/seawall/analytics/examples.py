# SPDX-License-Identifier: MIT
"""Made-up columns that any analytic can read: to time it, and to test what all must keep."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic

Column = npt.NDArray[Any]
START_NS = 1_700_000_000 * 10**9


def example_columns(
    analytic: Analytic, rows: int, *, levels: int = 5, seed: int = 0
) -> dict[str, Column]:
    """Columns of a random walk in ticks of 0.5 near 10,000 with a book around it.

    Parameters
    ----------
    analytic : Analytic
        Whose inputs are made.
    rows : int
        Number of events.
    levels : int
        Levels of the book.
    seed : int
        The same seed gives the same columns, whatever the analytic.
    """
    made = _columns(rows, levels, np.random.default_rng(seed))
    return {name: made[name] for name in analytic.inputs}


def _columns(n: int, levels: int, rng: np.random.Generator) -> dict[str, Column]:
    ts = START_NS + np.cumsum(rng.integers(1, 2_000_000_000, n))
    mid = 10_000.0 + 0.5 * np.cumsum(rng.integers(-1, 2, n))
    half = 0.25 * rng.integers(1, 4, n)
    bid, ask = mid - half, mid + half
    sizes = rng.lognormal(0.0, 1.0, (n, levels, 2))
    steps = 0.5 * np.cumsum(rng.integers(1, 3, (n, levels, 2)), axis=1)
    side = rng.choice([-1.0, 1.0], n)
    qty = rng.lognormal(0.0, 1.0, n)
    price = np.where(rng.random(n) < 0.1, mid, np.where(side > 0, ask, bid))
    spread = np.abs(rng.normal(0.0, 1.0, (2, n)))
    strike = mid * np.exp(rng.normal(0.0, 0.2, n))
    years = rng.uniform(0.01, 1.0, n)
    call = rng.choice([-1.0, 1.0], n)
    value, common = rng.normal(size=n), rng.normal(size=(n, 1))
    returns = 0.01 * (common + rng.normal(size=(n, levels)))
    order_side, action = rng.choice([-1.0, 1.0], n), rng.choice([-1.0, 1.0, 1.0], n)
    order_px = np.where(order_side > 0, bid, ask) - 0.5 * order_side * rng.integers(-1, 4, n)
    books = {
        "bid_pxs": bid[:, None] - steps[:, :, 0], "ask_pxs": ask[:, None] + steps[:, :, 1],
        "bid_qtys": sizes[:, :, 0], "ask_qtys": sizes[:, :, 1],
    }  # fmt: skip
    own = np.random.default_rng(0)  # what was drawn before stays as it was
    shift = 1.0 + 1e-4 * own.normal(size=(2, n, 1))
    others = {
        f"{name}_{k + 2}": book * shift[k] if name.endswith("pxs") else book[::-1].copy()
        for k in range(2) for name, book in books.items()
    }  # fmt: skip
    basis = 1e-3 * np.cumsum(own.normal(size=n)) / np.sqrt(np.arange(1, n + 1))
    return {
        **books, **others, "perp_px": mid * np.exp(basis), "spot_px": mid, "left_px": mid,
        "right_px": 50.0 * np.exp(0.8 * np.log(mid / 10_000.0) + basis),
        "ts": ts, "time": (ts - START_NS) / 1e9, "kind": rng.integers(0, 2, n).astype(float),
        "bid_px": bid, "ask_px": ask, "bid_qty": sizes[:, 0, 0] if levels else qty,
        "ask_qty": sizes[:, 0, 1] if levels else qty,
        "price": price, "qty": qty, "side": side, "mid": mid,
        "open": np.concatenate((mid[:1], mid[:-1])), "close": mid,
        "high": np.maximum(np.concatenate((mid[:1], mid[:-1])), mid) + spread[0],
        "low": np.minimum(np.concatenate((mid[:1], mid[:-1])), mid) - spread[1],
        "volume": qty, "turnover": qty * mid, "signed_volume": qty * side,
        "mids": mid[:, None] + np.cumsum(rng.normal(size=(n, levels)), axis=1) / 10.0,
        "buys": rng.poisson(80.0, n).astype(float), "sells": rng.poisson(80.0, n).astype(float),
        "daily_vol": 0.02 * rng.lognormal(0.0, 0.3, n), "trades": rng.poisson(900.0, n) + 1.0,
        "duration": rng.exponential(2.0, n), "observed": (rng.random(n) < 0.7).astype(float),
        "covariates": rng.normal(size=(n, levels)),
        "forward": mid, "strike": strike, "years": years, "call": call,
        "vol": 0.5 + 0.1 * np.log(strike / mid) ** 2,
        "option_price": np.maximum(call * (mid - strike), 0.0) + 0.1 * mid * np.sqrt(years),
        "value": value, "returns": returns, "order_px": order_px, "order_qty": qty,
        "order_side": order_side, "action": action, "changes": rng.poisson(3.0, n).astype(float),
        "sent": ts - 5_000_000,
    }  # fmt: skip
