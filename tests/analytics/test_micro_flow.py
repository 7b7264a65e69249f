# SPDX-License-Identifier: MIT
"""Order flow of many levels, VPIN's rank, Student's signs, impact and volume by price."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.examples import example_columns
from seawall.analytics.flow import integrated_ofi_fit, volume_profile, vpin, vpin_rank
from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.spec import INPUTS, Analytic, Result, Stream
from seawall.analytics.spec import run as run_spec
from seawall.model.errors import ResearchError


def run(name: str, params: dict[str, float] | None = None, **columns: Any) -> Result:
    return run_spec(analytic(name), columns, params)


def test_students_bulk_signs_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.bvc"):
        one = {k: case.inputs[k] for k in ("close", "volume")}
        got = run("bvc", {"sigma": case.outputs["sigma_dp"], "df": 0.25}, **one)["share"]
        oracle.check(case, {"buy_fraction_t025": got[1:]})


@pytest.mark.parametrize("df", [0.25, 1.0, 3.0, 30.0, 1e3])
def test_students_signs_agree_with_scipy(df: float) -> None:
    from scipy.stats import t as student

    steps = np.concatenate(([0.0], np.linspace(-30, 30, 121), [1e-3, 1e6, -1e6]))
    got = run("bvc", {"sigma": 1.0, "df": df}, close=steps.cumsum(), volume=np.ones(steps.size))
    np.testing.assert_allclose(got["share"][1:], student.cdf(np.diff(steps.cumsum()), df),
                               rtol=1e-10, atol=1e-300)  # fmt: skip


def test_vpin_of_bulk_signs_agrees_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.bvc"):
        share = case.outputs["buy_fraction_normal"]
        got = vpin_rank.fit(case.inputs["volume"][1:], 2.0 * share - 1.0,
                            bucket=case.inputs["bucket"], window=case.inputs["window"])  # fmt: skip
        oracle.check(case, {"vpin_bvc": got.vpin[int(case.inputs["window"]) - 1 :]})


def test_vpin_by_bucket_agrees_with_the_reference_and_with_the_stream(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.vpin"):
        one = case.inputs
        params = {"bucket": float(one["bucket"]), "window": float(one["window"])}
        got = vpin_rank.fit(one["volume"], one["side"], **params)
        known = len(case.outputs["vpin"])
        values = got.vpin[int(one["window"]) - 1 :][:known]
        np.testing.assert_allclose(values, case.outputs["vpin"], rtol=1e-7)
        stream = run("vpin", params, qty=one["volume"], side=one["side"])
        last = np.append(np.diff(got.row) > 0, True)
        at = got.row[last]
        assert np.array_equal(stream["vpin"][at], got.vpin[last], equal_nan=True)
        assert np.array_equal(stream["buckets"][at], got.buckets[last])
        assert np.array_equal(stream["rank"][at], got.rank[last], equal_nan=True)


def test_the_rank_is_the_share_of_the_past_at_or_below() -> None:
    rng = np.random.default_rng(0)
    qty, side = rng.lognormal(size=20_000), rng.choice([-1.0, 1.0], 20_000)
    got = vpin_rank.fit(qty, side, bucket=20.0, window=10, history=100)
    for at in (60, 400, got.vpin.size - 1):
        past = got.vpin[max(0, at - 99) : at + 1]
        past = past[np.isfinite(past)]
        assert got.rank[at] == pytest.approx((past <= got.vpin[at]).mean())
    cut = vpin_rank.fit(qty[:9_000], side[:9_000], bucket=20.0, window=10, history=100)
    same = got.row < 9_000
    assert np.array_equal(got.rank[same], cut.rank, equal_nan=True)


def test_coin_flips_stand_within_a_few_of_their_own_spreads() -> None:
    rng = np.random.default_rng(1)
    qty, side = rng.lognormal(size=200_000), rng.choice([-1.0, 1.0], 200_000)
    flips = vpin_rank.fit(qty, side, bucket=100.0, window=50)
    known = flips.z[np.isfinite(flips.z)][::50]  # windows that do not overlap
    assert abs(known.mean()) < 0.4
    assert 0.6 < known.std() < 1.4
    lean = vpin_rank.fit(qty, np.where(rng.random(200_000) < 0.6, 1.0, -1.0), bucket=100.0)
    assert np.nanmean(lean.z) > 2.0


def test_no_volume_has_no_vpin() -> None:
    with pytest.raises(ResearchError, match="no volume"):
        vpin_rank.fit(np.zeros(5), np.ones(5))
    assert vpin_rank.fit(np.array([np.nan, 1.0]), np.ones(2), bucket=5.0).row.size == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.5, 50.0))
def test_vpin_in_one_piece_equals_vpin_in_two(seed: int, bucket: float) -> None:
    rng = np.random.default_rng(seed)
    qty, side = rng.lognormal(1.0, 2.0, 120), rng.uniform(-1, 1, 120)
    qty[rng.integers(0, 120, 5)] = np.nan
    params, cut = {"bucket": bucket, "window": 4.0, "history": 25.0}, int(rng.integers(0, 121))
    one = run("vpin", params, qty=qty, side=side)
    first = run("vpin", params, qty=qty[:cut], side=side[:cut])
    rest = run_spec(analytic("vpin"), {"qty": qty[cut:], "side": side[cut:]}, params,
                    state=first.state)  # fmt: skip
    assert np.array_equal(np.vstack((first.values, rest.values)), one.values, equal_nan=True)
    assert rest.state.tobytes() == one.state.tobytes()
    volume = np.nansum(qty)
    last = one["buckets"][np.isfinite(one["buckets"])][-1]
    assert last * bucket <= volume * (1 + 1e-9) < (last + 1) * bucket * (1 + 1e-9)


@pytest.mark.parametrize("gap", [0, 1, 511, 512, 513, 1_500, 2_999])
def test_ofi_in_runs_is_bit_for_bit_ofi_row_by_row(gap: int) -> None:
    rng = np.random.default_rng(gap)
    bid = 100.0 + 0.5 * rng.integers(-1, 2, 3_000).cumsum()
    bid_qty, ask_qty = rng.lognormal(size=(2, 3_000))
    columns = {"bid_px": bid, "ask_px": bid + 0.5 * rng.integers(1, 3, 3_000),
               "bid_qty": bid_qty, "ask_qty": ask_qty}  # fmt: skip
    columns["bid_qty"][gap] = np.nan
    columns["ask_px"][min(gap + 700, 2_999)] = 0.0
    whole = run("ofi", **columns)
    state, rows = None, []
    for i in range(3_000):
        part = run_spec(analytic("ofi"), {k: v[i : i + 1] for k, v in columns.items()}, state=state)
        state = part.state
        rows.append(part.values[0])
    assert np.array_equal(whole.values, rows, equal_nan=True)
    assert state is not None
    assert whole.state.tobytes() == state.tobytes()


def test_a_long_sum_of_ofi_keeps_its_digits() -> None:
    n = 200_001
    columns = {"bid_px": np.full(n, 1.0), "ask_px": np.full(n, 2.0), "ask_qty": np.full(n, 1.0),
               "bid_qty": 1e9 + 0.1 * (np.arange(n) % 2)}  # fmt: skip
    got = run("ofi", **columns)
    assert got["ofi"][-1] == pytest.approx(0.0, abs=1e-9)


def made_book(rng: np.random.Generator, n: int, levels: int = 4) -> dict[str, np.ndarray]:
    flow = rng.normal(size=n)
    tick = np.cumsum(np.where(np.abs(flow) > 1.0, np.sign(flow), 0.0))
    steps = np.arange(levels)
    near = rng.uniform(1.0, 3.0, (n, levels, 2))
    near[:, :, 0] += np.clip(flow, 0, None)[:, None]
    near[:, :, 1] += np.clip(-flow, 0, None)[:, None]
    return {"ts": np.arange(n) * 100_000_000,
            "bid_pxs": 1_000.0 + tick[:, None] - steps, "bid_qtys": near[:, :, 0],
            "ask_pxs": 1_001.0 + tick[:, None] + steps, "ask_qtys": near[:, :, 1]}  # fmt: skip


def test_integrated_flow_learns_the_component_that_an_eigen_solver_finds() -> None:
    book = made_book(np.random.default_rng(2), 6_000)
    got = run("integrated_ofi", {"seconds": 1.0, "half_life": 0.0}, **book)
    x, _ = integrated_ofi_fit.windows(*book.values(), 10**9)
    levels = x.shape[1]
    # The stream sees each window end when the next begins; the first window starts at row 0.
    first, _ = integrated_ofi_fit.windows(
        *(np.concatenate((v[:1] - (10**9 if k == "ts" else 0), v)) for k, v in book.items()), 10**9
    )
    values, vectors = np.linalg.eigh(first[:-1].T @ first[:-1])
    w = vectors[:, -1] * np.sign(vectors[:, -1].sum())
    learned = got.state[8 + 5 * levels : 8 + 6 * levels]
    np.testing.assert_allclose(learned, w, atol=1e-6)
    assert got["explained"][-1] == pytest.approx(values[-1] / values.sum(), abs=1e-6)
    weights = np.abs(w).sum()
    assert got["done"][-1] == pytest.approx(first[-2] @ w / weights, rel=0.02)


def test_integrated_flow_of_one_level_is_its_flow_over_its_depth() -> None:
    book = {k: v if v.ndim == 1 else v[:, :1] for k, v in
            made_book(np.random.default_rng(3), 300).items()}  # fmt: skip
    got = run("integrated_ofi", {"seconds": 1e3}, **book)["window"][-1]
    best = run("ofi", **{k[:-1]: v[:, 0] for k, v in book.items() if k != "ts"})["ofi"][-1]
    depth = (book["bid_qtys"] + book["ask_qtys"]).mean() / 2.0
    assert got == pytest.approx(best / depth, rel=1e-12)


def test_integrated_flow_explains_the_price_that_it_moves() -> None:
    got = integrated_ofi_fit.fit(*made_book(np.random.default_rng(4), 20_000).values(), seconds=1.0)
    assert np.abs(got.weights).sum() == pytest.approx(1.0)
    assert min(*got.integrated_r2, *got.best_r2, *got.all_r2) > 0.5
    assert abs(got.ahead_r2) < 0.05  # the flow of this window says nothing of the next
    with pytest.raises(ResearchError, match="too few"):
        integrated_ofi_fit.fit(*made_book(np.random.default_rng(4), 50).values(), seconds=1.0)


def test_hasbroucks_lambda_agrees_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.price_impact"):
        one = case.inputs
        n = len(one["price"])
        # There the trade of a row moves its own price; here the trade before it does.
        later = {k: np.append(one[v][1:], one[v][-1]) for k, v in
                 {"price": "price", "qty": "volume", "side": "side"}.items()}  # fmt: skip
        got = run("hasbrouck_lambda", {"window": n}, mid=one["price"], **later)
        oracle.check(case, {"hasbrouck_sqrt_lambda": got["lambda"][-1]})


def test_hasbroucks_lambda_in_a_window_agrees_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    q, v = rng.choice([-1.0, 1.0], 400), rng.lognormal(size=400)
    s = q * np.sqrt(100.0 * v)
    mid = 100.0 * np.cumprod(np.concatenate(([1.0], 1 + 1e-5 * s + 1e-4 * rng.normal(size=400))))
    got = run("hasbrouck_lambda", {"window": 150, "intercept": 1}, mid=mid[:-1],
              price=np.full(400, 100.0), qty=v, side=q)  # fmt: skip
    y = np.diff(mid[:-1]) / mid[:-2]
    theirs = sm.OLS(y[-150:], sm.add_constant(s[:-1][-150:])).fit()
    np.testing.assert_allclose(got.values[-1], [theirs.params[1], theirs.tvalues[1],
                                                theirs.rsquared], rtol=1e-7)  # fmt: skip


def test_the_value_area_of_a_worked_example() -> None:
    volume = np.array([1.0, 2, 10, 4, 3, 1, 0, 5])
    price = 100.0 + np.arange(8.0)
    got = volume_profile.fit(price, volume, np.zeros(8), size=1.0, share=0.7)
    # 10 at 102, then 4, 3 above; 17 of 26 is short of 70 %: of 2 below and 1 above the 2.
    assert (got.poc, got.area_low, got.area_high) == (102.5, 101.0, 105.0)
    assert got.area_share == pytest.approx(19 / 26)
    assert got.vwap == pytest.approx((price * volume).sum() / 26)
    assert got.bought.sum() == got.sold.sum() == 13.0


def test_streamed_value_area_ends_where_the_profile_is() -> None:
    rng = np.random.default_rng(6)
    price = 100.0 + 0.1 * rng.integers(-3, 4, 5_000).cumsum()
    qty = rng.lognormal(size=5_000)
    whole = volume_profile.fit(price, qty, np.zeros(5_000), size=0.5)
    got = run("value_area", {"size": 0.5, "every": 1, "session": 0.0}, ts=np.arange(5_000),
              price=price, qty=qty)  # fmt: skip
    assert got.values[-1, :3].tolist() == pytest.approx(
        [whole.poc, whole.area_low, whole.area_high]
    )


def test_value_area_starts_anew_with_its_session_and_forgets_what_is_far() -> None:
    ts = np.arange(6) * 30 * 10**9
    given_ = {"size": 1.0, "every": 1, "session": 60.0, "buckets": 8}
    got = run("value_area", given_, ts=ts, price=[10.5, 20.5, 30.5, 31.5, 500.5, 502.5],
              qty=[9.0, 1.0, 1.0, 2.0, 1.0, 3.0])  # fmt: skip
    assert got["poc"].tolist() == [10.5, 20.5, 30.5, 31.5, 500.5, 502.5]


def test_a_profile_of_nothing_or_of_too_much_is_refused() -> None:
    with pytest.raises(ResearchError, match="no trade"):
        volume_profile.fit(np.array([np.nan]), np.ones(1), np.ones(1))
    with pytest.raises(ResearchError, match="buckets"):
        volume_profile.fit(np.array([1.0, 1e9]), np.ones(2), np.ones(2), size=1.0)


def test_an_endless_print_of_vpin_is_counted_by_bucket_too() -> None:
    params = np.array([1.0, 5.0, 20.0])
    state = np.zeros(vpin.ANALYTIC.state_size(params, 0))
    table = vpin.buckets(state, params, np.array([1e9]), np.array([1.0]))
    assert table[-1, 4] == 1e9
    assert len(table) <= 12


@pytest.mark.parametrize(
    "one", [a for a in ANALYTICS if a.batch and a.group in ("book", "flow", "costs", "fills")],
    ids=lambda a: a.name,
)  # fmt: skip
def test_a_stream_does_not_repeat_old_values_for_a_bad_row(one: Analytic) -> None:
    columns = example_columns(one, 201, levels=3)
    stream = Stream(one, levels=3)
    rows = list(zip(*(columns[name] for name in one.inputs), strict=True))
    for row in rows[:200]:
        stream.update(*row)
    bad = [v if INPUTS[n].whole else v * np.nan for n, v in zip(one.inputs, rows[200], strict=True)]
    assert np.isnan(stream.update(*bad)).all()


def test_where_both_neighbours_hold_as_much_the_value_area_grows_upwards() -> None:
    price, qty = np.array([10.0, 11.0, 12.0]), np.array([2.0, 5.0, 2.0])
    whole = volume_profile.fit(price, qty, np.zeros(3), size=1.0, share=0.7)
    assert (whole.area_low, whole.area_high) == (11.0, 13.0)
    got = run("value_area", {"every": 1, "share": 0.7}, ts=np.arange(3), price=price, qty=qty)
    assert got.values[-1].tolist() == [11.5, 11.0, 13.0, 0.0]
