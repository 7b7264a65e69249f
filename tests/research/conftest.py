# SPDX-License-Identifier: MIT
"""Synthetic outcomes: a seeded random walk traded at random, booked exactly."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from seawall.engine.outcome import EQUITY, FILL, ORDER, Outcome, Totals
from seawall.model.instrument import Instrument, perpetual
from seawall.model.order import OrderState, RejectReason
from seawall.model.time import NS_PER_DAY, NS_PER_HOUR

START_NS = 1_704_067_200 * 10**9  # 2024-01-01
BTC = perpetual("BTC/USDT:USDT", "0.1", "0.001")
ETH = perpetual("ETH/USDT:USDT", "0.01", "0.01")


def make_outcome(
    *,
    samples: int = 2_000,
    days: float = 200.0,
    fills: int = 300,
    seed: int = 1,
    drift: float = 0.0,
    instruments: tuple[Instrument, ...] = (BTC, ETH),
    fill_model: str = "probabilistic queue",
    rejects: int = 7,
) -> Outcome:
    """Trade a random walk at random; cash flow and equity agree to rounding."""
    rng = np.random.default_rng(seed)
    ts = START_NS + np.linspace(0, days * NS_PER_DAY, samples).astype(np.int64)
    step = 0.6 * np.sqrt(days / 365.0 / samples)
    start = np.array([600_000, 300_000])[: len(instruments)]
    walk = np.cumsum(rng.normal(drift / samples, step, (samples, len(instruments))), axis=0)
    ticks = np.maximum(1, np.rint(start * np.exp(walk))).astype(np.int64)
    at = np.sort(rng.integers(0, samples, fills))
    f = np.zeros(fills, dtype=FILL)
    f["ts"], f["order_id"] = ts[at], np.arange(fills)
    f["instrument"] = rng.integers(0, len(instruments), fills)
    f["px"] = ticks[at, f["instrument"]] + rng.integers(-3, 4, fills)
    f["qty"] = rng.integers(1, 200, fills)
    f["maker"], f["mid"] = rng.integers(0, 2, fills), 2 * ticks[at, f["instrument"]]
    position = np.zeros(len(instruments), dtype=np.int64)
    sides = rng.choice([-1, 1], fills)
    for i in range(fills):
        a = f["instrument"][i]
        if abs(position[a]) > 300:
            sides[i] = -np.sign(position[a])
        position[a] += sides[i] * f["qty"][i]
        f["position"][i] = position[a]
    f["side"] = sides
    unit = np.array([float(i.tick) * float(i.lot) for i in instruments])[f["instrument"]]
    value = f["px"] * f["qty"] * unit
    f["fee"] = np.rint(value * np.where(f["maker"], 0.0002, 0.0005) * 1e8)
    fees = f["fee"] / 1e8
    equity = _equity(ts, at, f, ticks, instruments, value, fees)
    o = np.zeros(fills + rejects, dtype=ORDER)
    o["id"], o["side"] = np.arange(fills + rejects), 1
    o["state"][:fills] = OrderState.FILLED
    o["state"][fills:] = OrderState.REJECTED
    o["reason"][fills:] = rng.choice(
        [RejectReason.POST_ONLY_WOULD_TAKE, RejectReason.BELOW_NOTIONAL], rejects
    )
    totals = Totals(
        fees=float(fees.sum()), funding=-12.5, slippage=float(value.sum() * 1e-4),
        turnover=float(value.sum()), rejects=rejects,
    )  # fmt: skip
    return Outcome(instruments, "USDT", 100_000.0, 8, equity, f, o, totals, fill_model)


def _equity(ts, at, f, ticks, instruments, value, fees):
    held = np.zeros((ts.size, len(instruments)))
    cash = np.zeros(ts.size)
    np.add.at(cash, at, -f["side"] * value - fees)
    for a, instrument in enumerate(instruments):
        mine = f["instrument"] == a
        lots = np.zeros(ts.size)
        np.add.at(lots, at[mine], (f["side"] * f["qty"])[mine])
        held[:, a] = np.cumsum(lots) * ticks[:, a] * float(instrument.tick) * float(instrument.lot)
    e = np.zeros(ts.size, dtype=EQUITY)
    e["ts"] = ts
    e["equity"] = 100_000.0 + np.cumsum(cash) + held.sum(axis=1)
    e["gross"], e["net"] = np.abs(held).sum(axis=1), held.sum(axis=1)
    return e


@pytest.fixture(scope="session")
def outcome_factory() -> Callable[..., Outcome]:
    return make_outcome


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    """Two hundred days, three hundred fills, two perpetuals."""
    return make_outcome()


@pytest.fixture(scope="session")
def short_outcome() -> Outcome:
    """Five hours."""
    return make_outcome(days=5 * NS_PER_HOUR / NS_PER_DAY, samples=3_000, seed=3)


@pytest.fixture(scope="session")
def idle_outcome() -> Outcome:
    """No fill at all."""
    return make_outcome(fills=0, rejects=0)


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """Independent reference numbers; skips loudly where they are not at hand."""
    import importlib.util
    import os

    root = Path(__file__).resolve().parents[2]
    data = Path(os.environ.get("SEAWALL_TEST_DATA", root.parent / "shared" / "data"))
    path = data.parent / "oracles" / "oracle_io.py"
    if not path.exists():
        pytest.skip(f"reference numbers are absent: no {path}")
    spec = importlib.util.spec_from_file_location("oracle_io", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["oracle_io"] = module
    spec.loader.exec_module(module)
    return module
