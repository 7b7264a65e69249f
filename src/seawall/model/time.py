# SPDX-License-Identifier: MIT
"""Time: nanoseconds since the Unix epoch, UTC, as int64.

Nothing in Seawall reads a clock except the outermost feeders; everything else is
told the time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from seawall.model.errors import SettingsError

NS_PER_US = 1_000
NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
NS_PER_MIN = 60 * NS_PER_S
NS_PER_HOUR = 3_600 * NS_PER_S
NS_PER_DAY = 86_400 * NS_PER_S
DAYS_PER_YEAR = 365  # crypto trades every day; annualisation uses 365

_UNITS = {
    "ns": 1,
    "us": NS_PER_US,
    "ms": NS_PER_MS,
    "s": NS_PER_S,
    "m": NS_PER_MIN,
    "h": NS_PER_HOUR,
    "d": NS_PER_DAY,
    "w": 7 * NS_PER_DAY,
}
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d|w)\s*$")


def parse_duration_ns(text: str) -> int:
    """Turn ``"100ms"``, ``"1h"`` or ``"5 d"`` into nanoseconds.

    Raises
    ------
    SettingsError
        When the text is not a number followed by ns, us, ms, s, m, h, d or w.
    """
    match = _DURATION.match(text)
    if match is None:
        raise SettingsError(
            f"{text!r} is not a duration",
            mend="write a number and a unit: ns, us, ms, s, m, h, d, w; for example 100ms or 1h",
        )
    return round(float(match[1]) * _UNITS[match[2]])


def parse_time_ns(text: str) -> int:
    """Turn an ISO 8601 date or time into nanoseconds UTC; no zone means UTC.

    Raises
    ------
    SettingsError
        When the text is not an ISO 8601 time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"{text!r} is not a time", mend="write ISO 8601, for example 2024-08-08T23:54:16"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * NS_PER_S + moment.microsecond * NS_PER_US


def format_time_ns(ts_ns: int) -> str:
    """Print nanoseconds UTC as ``2024-08-08T23:54:16.123456789Z``."""
    seconds, rest = divmod(int(ts_ns), NS_PER_S)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{rest:09d}Z" if rest else f"{stamp}Z"


def guess_epoch_unit(value: int) -> str:
    """Tell the unit (s, ms, us, ns) of an epoch number by its size.

    Valid for times between 2001 and 2100; four units differ by factors of 1,000
    and those hundred years by less than 5, so the ranges never overlap.

    Raises
    ------
    ValueError
        When the number fits no unit.
    """
    for unit, factor in (("s", NS_PER_S), ("ms", NS_PER_MS), ("us", NS_PER_US), ("ns", 1)):
        if 978_307_200 <= value * factor / NS_PER_S <= 4_102_444_800:
            return unit
    raise ValueError(f"{value} is no time between 2001 and 2100 in s, ms, us or ns")
