# SPDX-License-Identifier: MIT
"""Time is nanoseconds UTC, however it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.model.errors import SettingsError
from seawall.model.time import format_time_ns, guess_epoch_unit, parse_duration_ns, parse_time_ns

SECONDS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
    "w": Fraction(604800),
}


@given(st.integers(0, 10_000), st.sampled_from(sorted(SECONDS)))
def test_a_duration_is_a_number_and_a_unit(number: int, unit: str) -> None:
    assert parse_duration_ns(f"{number}{unit}") == number * SECONDS[unit] * 10**9
    assert parse_duration_ns(f" {number} {unit} ") == number * SECONDS[unit] * 10**9


def test_a_duration_may_have_decimals() -> None:
    assert parse_duration_ns("0.5ms") == 500_000
    assert parse_duration_ns("1.5h") == 5_400 * 10**9


@pytest.mark.parametrize("text", ["", "5", "ms", "-1s", "1 month", "1h30m", "1e3s"])
def test_what_is_no_duration_is_refused_with_the_units_named(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_duration_ns(text)
    assert "ns, us, ms" in refused.value.mend


def test_times_are_iso_8601_and_utc_unless_they_say_otherwise() -> None:
    assert parse_time_ns("1970-01-02") == 86_400 * 10**9
    assert parse_time_ns("2024-08-08T23:54:16Z") == parse_time_ns("2024-08-08T23:54:16")
    assert parse_time_ns("2024-08-09T01:54:16+02:00") == parse_time_ns("2024-08-08T23:54:16")
    assert parse_time_ns("1969-12-31T23:59:59.5") == -500_000_000
    with pytest.raises(SettingsError, match="not a time"):
        parse_time_ns("yesterday")


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)))
def test_a_time_survives_being_printed(moment: datetime) -> None:
    ns = parse_time_ns(moment.isoformat())
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    whole_us = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    assert ns == whole_us * 1000
    if ns % 10**9 == 0:
        assert parse_time_ns(format_time_ns(ns)) == ns


def test_all_nine_decimals_are_printed() -> None:
    assert format_time_ns(1_723_161_256_123_456_789) == "2024-08-08T23:54:16.123456789Z"
    assert format_time_ns(0) == "1970-01-01T00:00:00Z"


@given(
    st.integers(978_307_200, 4_102_444_799),
    st.sampled_from([("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]),
)
def test_the_unit_of_an_epoch_number_follows_from_its_size(
    seconds: int, unit: tuple[str, int]
) -> None:
    assert guess_epoch_unit(seconds * unit[1]) == unit[0]


@pytest.mark.parametrize("value", [0, -5, 12_345, 10**22])
def test_a_number_that_is_no_time_has_no_unit(value: int) -> None:
    with pytest.raises(ValueError, match="no time"):
        guess_epoch_unit(value)
