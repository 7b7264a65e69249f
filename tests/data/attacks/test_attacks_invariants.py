# SPDX-License-Identifier: MIT
"""Whatever is injected: the market stays valid, and outside the window it stays itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from seawall.data.attacks import KINDS, AttackSpec, inject
from seawall.data.simulated.sim import simulate
from seawall.model.errors import DataError
from seawall.model.events import EventFlag, EventKind
from seawall.model.market import Market

from .attack_helpers import crossings, final_book, lab, streams_of

RECORDED = [name for name, kind in KINDS.items() if kind.on_recordings]
BOOK = 1


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate(lab()).to_market()


def spec_of(name: str, **changes: object) -> AttackSpec:
    params = {
        "replayed_packets": (("delay_s", 10.0),),
        "slow_drift": (("day_s", 20.0),),
    }.get(name, ())
    spec = AttackSpec(name, start_s=30.0, duration_s=20.0, book=BOOK, params=params)
    return replace(spec, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", RECORDED)
def test_the_same_seed_gives_the_same_bytes_and_the_clean_market_is_left_alone(
    market: Market, name: str
) -> None:
    before = market.events.tobytes()
    a, la = inject(market, spec_of(name), 4)
    b, lb = inject(market, spec_of(name), 4)
    assert a.events.tobytes() == b.events.tobytes()
    assert np.array_equal(la.forged, lb.forged)
    assert market.events.tobytes() == before
    assert a.hashes != market.hashes


@pytest.mark.parametrize("name", RECORDED)
def test_nothing_changes_before_the_window(market: Market, name: str) -> None:
    made, labels = inject(market, spec_of(name), 4)
    start = int(market.events["ts"][0]) + 30_000_000_000
    clean = market.events[market.events["ts"] < start]
    assert made.events[: len(clean)].tobytes() == clean.tobytes()
    assert not labels.forged[: len(clean)].any()
    assert labels.start_ns >= start


@pytest.mark.parametrize("name", RECORDED)
def test_genuine_events_stand_unchanged_but_for_the_numbers_of_trades(
    market: Market, name: str
) -> None:
    made, labels = inject(market, spec_of(name), 4)
    assert labels.forged.shape == made.events.shape
    assert labels.forged.any()
    seen = set(market.events[["ts", "qty", "px", "lag_us", "stream", "kind", "flags"]].tolist())
    kept = made.events[~labels.forged & (made.events["kind"] != EventKind.SNAPSHOT)]
    columns = ["ts", "qty", "px", "lag_us", "stream", "kind", "flags"]
    strange = [e for e in kept[columns].tolist() if e not in seen]
    # Only the restoring messages at the end of a window may be new, and they tell the truth.
    ends = {int(e) for e in labels.windows[:, 1]}
    assert all(e[0] in ends and e[5] == EventKind.TOP for e in strange)


@pytest.mark.parametrize("name", RECORDED)
def test_books_are_never_crossed_and_end_as_they_truly_are(market: Market, name: str) -> None:
    made, _ = inject(market, spec_of(name), 4)
    after = int(market.events["ts"][-1])
    for stream in streams_of(market, BOOK, "depth"):
        assert crossings(made, stream) == crossings(market, stream) == 0
        assert final_book(made, stream, after) == final_book(market, stream, after)


@pytest.mark.parametrize("name", RECORDED)
def test_other_instruments_keep_every_event(market: Market, name: str) -> None:
    if name == "stablecoin_depeg":
        pytest.skip("it moves every book in the coin")
    made, labels = inject(market, spec_of(name), 4)
    of = np.array(market.instrument_of_stream())
    others = made.events[of[made.events["stream"]] != BOOK]
    assert others.tobytes() == market.events[of[market.events["stream"]] != BOOK].tobytes()
    assert not labels.forged[of[made.events["stream"]] != BOOK].any()


@settings(max_examples=25)
@given(
    name=st.sampled_from(RECORDED),
    start=st.floats(0.0, 80.0),
    duration=st.floats(0.5, 60.0),
    seed=st.integers(0, 2**32),
    book=st.integers(0, 5),
)
def test_any_window_gives_a_valid_market_or_says_that_nothing_is_there(
    market: Market, name: str, start: float, duration: float, seed: int, book: int
) -> None:
    spec = AttackSpec(name, start, duration, book=book)
    try:
        made, labels = inject(market, spec, seed)
    except DataError as refused:
        event(refused.what)
        return
    assert (np.diff(made.events["ts"]) >= 0).all()
    assert (made.events["px"][np.isin(made.events["kind"], (1, 2, 3, 4))] > 0).all()
    assert (made.events["qty"][made.events["kind"] == EventKind.DELTA] >= 0).all()
    assert labels.start_ns < labels.end_ns
    for stream in streams_of(market, book, "depth"):
        mine = made.events[made.events["stream"] == stream]
        depth = mine[np.isin(mine["kind"], (2, 3))]
        # Messages are whole: what follows a last record opens a message.
        first = depth["flags"] & EventFlag.FIRST != 0
        last = depth["flags"] & EventFlag.LAST != 0
        assert last[np.flatnonzero(first)[1:] - 1].all()
        assert crossings(made, stream) == 0
