# SPDX-License-Identifier: MIT
"""Book and flow analytics against independent numbers and closed forms."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.analytics.registry import analytic
from seawall.analytics.spec import Result
from seawall.analytics.spec import run as run_spec


def run(name: str, params: dict[str, float] | None = None, **columns: Any) -> Result:
    return run_spec(analytic(name), columns, params)


def sides(case: Any) -> dict[str, np.ndarray]:
    one = case.inputs
    return {"bid_pxs": one["bid_px"], "bid_qtys": one["bid_qty"],
            "ask_pxs": one["ask_px"], "ask_qtys": one["ask_qty"]}  # fmt: skip


def test_order_flow_imbalance_queues_and_depth_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.ofi"):
        deep = sides(case)
        best = {k[:-1]: v[:, 0] for k, v in deep.items()}
        flow = run("ofi", **best)
        levels = run("mlofi", **deep)
        oracle.check(
            case,
            {
                "ofi_events": flow["e"],
                "mlofi_sum_per_level": levels.values.sum(axis=0),
                "mlofi_tail": levels.values[-50:],
                "queue_imbalance": run(
                    "queue_imbalance", bid_qty=best["bid_qty"], ask_qty=best["ask_qty"]
                )["imbalance"],
                "weighted_mid": run("weighted_mid", **best)["weighted_mid"],
                "depth_imbalance_5": run("depth", {"bps": 0}, **deep)["imbalance"],
            },
        )
        assert np.array_equal(levels.values[:, 0], flow["e"])
        assert flow["ofi"][-1] == pytest.approx(case.outputs["ofi_events"].sum(), abs=1e-9)


def test_price_explained_by_order_flow_agrees_with_the_reference(oracle: Any) -> None:
    """Bars of one second: the regression of the impact is kyle_lambda fed with OFI."""
    for case in oracle.cases("micro", "micro.ofi"):
        best = {k[:-1]: v[:, 0] for k, v in sides(case).items()}
        flow, mid = run("ofi", **best)["e"], (best["bid_px"] + best["ask_px"]) / 2
        second = np.floor(case.inputs["t"]).astype(int)
        bars = np.arange(len(case.outputs["ofi_bars"]))
        sums = np.bincount(second, flow, minlength=bars.size)[: bars.size]
        edges = np.searchsorted(case.inputs["t"], np.arange(bars.size + 1), side="right") - 1
        mids = mid[np.maximum(edges, 0)] / case.inputs["tick"]
        got = run("kyle_lambda", mid=mids, signed_volume=np.concatenate(([0.0], sums)))
        oracle.check(
            case,
            {"ofi_bars": sums, "impact_beta_ticks": got["lambda"][-1],
             "impact_r2": got["r2"][-1]},
        )  # fmt: skip


def test_ofi_follows_the_four_steps_of_a_worked_example() -> None:
    got = run("ofi", bid_px=[100, 100, 100, 101, 100], bid_qty=[5, 7, 7, 3, 9],
              ask_px=[101, 101, 101, 102, 101], ask_qty=[4, 4, 1, 6, 2])  # fmt: skip
    assert got["e"].tolist() == [0, 2, 3, 4, -5]
    assert got["ofi"][-1] == 4


def test_ofi_takes_no_difference_across_a_gap() -> None:
    got = run("ofi", bid_px=[100.0, np.nan, 50.0], bid_qty=[5, 5, 900],
              ask_px=[101, 101, 51], ask_qty=[4, 4, 900])  # fmt: skip
    assert got["e"][2] == 0.0


def test_vpin_agrees_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.vpin"):
        one = case.inputs
        got = run("vpin", {"bucket": one["bucket"], "window": one["window"]},
                  qty=one["volume"], side=one["side"])  # fmt: skip
        number = got["buckets"].astype(int)
        reference, rule = case.outputs, case.rules["bucket_imbalance"]
        known = len(reference["bucket_imbalance"])
        done = np.flatnonzero((np.diff(number, prepend=0) > 0) & (number <= known))
        np.testing.assert_allclose(
            got["imbalance"][done], reference["bucket_imbalance"][number[done] - 1],
            rtol=rule["rtol"], atol=rule["atol"],
        )  # fmt: skip
        full = done[number[done] >= one["window"]]
        at = number[full] - int(one["window"])
        np.testing.assert_allclose(got["vpin"][full], reference["vpin"][at], rtol=1e-7)
        # Where the volume ends on a border, rounding says whether the last bucket is full.
        total = one["volume"].sum() / one["bucket"]
        assert number[-1] in (known, round(total) if abs(total - round(total)) < 1e-9 else known)


def test_vpin_is_one_when_all_buy_and_nought_when_buys_meet_equal_sells() -> None:
    given_ = {"bucket": 2.0, "window": 3}
    assert run("vpin", given_, qty=np.ones(20), side=np.ones(20))["vpin"][-1] == 1.0
    alternate = run("vpin", given_, qty=np.ones(20), side=np.tile([1.0, -1.0], 10))
    assert alternate["vpin"][-1] == 0.0


def test_vpin_does_not_depend_on_how_trades_are_split() -> None:
    rng = np.random.default_rng(1)
    qty, side = rng.lognormal(size=500), rng.choice([-1.0, 1.0], 500)
    plain = run("vpin", {"bucket": 7.0, "window": 10}, qty=qty, side=side)["vpin"][-1]
    cut = np.repeat(qty / 4, 4), np.repeat(side, 4)
    split = run("vpin", {"bucket": 7.0, "window": 10}, qty=cut[0], side=cut[1])["vpin"][-1]
    assert split == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("trades", [10, 30, 100])
def test_the_floor_of_vpin_is_its_level_under_coin_flips(trades: int) -> None:
    rng = np.random.default_rng(2)
    qty, side = rng.lognormal(size=60_000), rng.choice([-1.0, 1.0], 60_000)
    bucket = trades * float(qty.mean())
    window = 60_000 // trades // 2
    got = run("vpin", {"bucket": bucket, "window": window}, qty=qty, side=side)
    assert got["vpin"][-1] == pytest.approx(got["floor"][-1], rel=0.1)
    assert abs(got["excess"][-1]) < 0.03


def test_a_print_of_a_million_buckets_is_quick_and_counted() -> None:
    got = run("vpin", {"bucket": 1.0, "window": 5}, qty=[1e9], side=[1.0])
    assert got["buckets"][0] == 1e9
    assert got["vpin"][0] == 1.0


def test_signs_of_trades_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.trade_sign"):
        one = case.inputs
        oracle.check(
            case,
            {"tick_rule": run("tick_rule", price=one["price"])["sign"],
             "lee_ready": run("lee_ready", **one)["sign"]},
        )  # fmt: skip


def test_bulk_classification_agrees_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.bvc"):
        one = {k: case.inputs[k] for k in ("close", "volume")}
        got = run("bvc", {"sigma": case.outputs["sigma_dp"]}, **one)
        oracle.check(case, {"buy_fraction_normal": got["share"][1:]})
        # The scale from the bars so far ends at that of the whole sample.
        own = run("bvc", **one)["share"][-1]
        assert own == pytest.approx(case.outputs["buy_fraction_normal"][-1], rel=1e-9)


def test_impact_and_spread_measures_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.price_impact"):
        one = case.inputs
        price, mid, qty, side = (one[k] for k in ("price", "mid", "volume", "side"))
        n = len(price)
        # A row of a quote follows each trade and carries the later mid.
        ts = np.arange(2 * n) * 10**9
        rows = {k: np.repeat(v, 2) for k, v in {"price": price, "qty": qty, "side": side}.items()}
        rows["qty"][1::2] = 0.0
        mids = np.column_stack((mid, one["mid_later"])).ravel()
        tau = {"tau": 1.0, "capacity": 4}
        end = {k: np.append(v, v[-1]) for k, v in {**rows, "mid": mids}.items()}
        end["qty"][-1] = 0.0
        later = run("realised_spread", tau, ts=np.append(ts, ts[-1] + 10**9), **end)
        kyle = run("kyle_lambda", {"window": n}, mid=price, signed_volume=side * qty)
        oracle.check(
            case,
            {
                "kyle_lambda_ols_intercept": kyle["lambda"][-1],
                "kyle_lambda_t": kyle["t"][-1],
                "amihud": run("amihud", {"window": n}, close=price, turnover=price * qty)[
                    "illiquidity"
                ][-1],
                "effective_spread_log_vw": run(
                    "effective_spread", price=price, mid=mid, qty=qty, side=side
                )["mean_spread"][-1],
                "realized_spread_log_vw": later["realised"][-1],
                "price_impact_log_vw": later["impact"][-1],
                "roll_1984": run("roll_spread", {"window": n}, price=price)["spread"][-1],
                "vwap": run("vwap", {"session": 0.0}, ts=np.arange(n), price=price, qty=qty)[
                    "vwap"
                ][-1],
            },
        )


def test_edge_agrees_with_the_authors_package(oracle: ModuleType) -> None:
    for case in oracle.cases("micro", "micro.ohlc_estimators"):
        fit = analytic("edge").fit
        assert fit is not None
        columns = [case.inputs[k] for k in ("open", "high", "low", "close")]
        oracle.check(case, {"edge": fit(*columns).spread})
        assert np.isnan(fit(*(c[:2] for c in columns)).spread)


def test_roll_is_the_worked_example_and_undefined_where_prices_trend() -> None:
    bounce = [100, 100.1, 100, 100.1, 100.1, 100, 100, 100.1]
    assert run("roll_spread", price=bounce)["spread"][-1] == pytest.approx(0.126491, abs=1e-6)
    assert np.isnan(run("roll_spread", price=np.arange(9.0) ** 2)["spread"][-1])


def test_rolling_windows_equal_the_window_alone() -> None:
    rng = np.random.default_rng(3)
    mid, flow = 100 + rng.normal(size=500).cumsum(), rng.normal(size=500)
    rolled = run("kyle_lambda", {"window": 50}, mid=mid, signed_volume=flow)
    alone = run("kyle_lambda", {"window": 50}, mid=mid[-51:], signed_volume=flow[-51:])
    np.testing.assert_allclose(rolled.values[-1], alone.values[-1], rtol=1e-9)
    slope = np.polyfit(flow[-50:], np.diff(mid[-51:]), 1)[0]
    assert rolled["lambda"][-1] == pytest.approx(slope, rel=1e-9)


def test_twap_weighs_prices_with_the_time_they_stood() -> None:
    second = 10**9
    got = run("twap", ts=[0, 3 * second, 4 * second], price=[10.0, 20.0, 50.0])["twap"]
    assert got.tolist() == [10.0, 10.0, pytest.approx((3 * 10 + 1 * 20) / 4)]
    day = 86_400 * second
    assert run("twap", ts=[0, day], price=[10.0, 30.0])["twap"][-1] == 30.0


def test_vwap_starts_anew_with_its_session() -> None:
    day = 86_400 * 10**9
    got = run("vwap", ts=[5, 6, day], price=[10.0, 20.0, 70.0], qty=[1.0, 3.0, 2.0])
    assert got["vwap"].tolist() == [10.0, 17.5, 70.0]
    assert got["sd"][1] == pytest.approx(np.sqrt((7.5**2 + 3 * 2.5**2) / 4))


def test_depth_and_slope_of_a_linear_book() -> None:
    distance = np.arange(1, 6) * 1e-4
    book = {"bid_pxs": [100 * (1 - distance)], "ask_pxs": [100 * (1 + distance)],
            "bid_qtys": [np.full(5, 2.0)], "ask_qtys": [np.full(5, 1.0)]}  # fmt: skip
    got = run("depth", {"bps": 3.5}, **book)
    assert got.values[0].tolist() == [6.0, 3.0, pytest.approx(1 / 3)]
    slopes = run("slope", **book).values[0]
    np.testing.assert_allclose(slopes, [2e4, 1e4], rtol=1e-9)


@given(st.integers(0, 2**32), st.floats(0.01, 100))
def test_no_measure_of_shares_depends_on_the_unit_of_size(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    qty, side = rng.lognormal(size=80), rng.choice([-1.0, 1.0], 80)
    one = run("vpin", {"bucket": 3.0, "window": 4}, qty=qty, side=side)["vpin"][-1]
    two = run("vpin", {"bucket": 3.0 * unit, "window": 4}, qty=qty * unit, side=side)["vpin"][-1]
    assert np.isnan(one) == np.isnan(two)
    assert np.isnan(one) or two == pytest.approx(one, abs=1e-9)
