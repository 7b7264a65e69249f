# SPDX-License-Identifier: MIT
"""The ten indicators over whole columns through TA-Lib, which refuses bad bars here.

One bad close makes TA-Lib's averages not-a-number for ever, its RSI silently 0 ("oversold")
and its OBV silently wrong, so columns are looked at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from seawall.model.errors import DataError, ResearchError, SettingsError

Vector = npt.NDArray[np.float64]
Columns = dict[str, Vector]

CALLS: Final[
    Mapping[str, tuple[tuple[str, ...], Callable[[Any, Columns, Any], tuple[Any, ...]]]]
] = {
    "sma": (("close",), lambda t, c, p: (t.SMA(c["close"], p("period", 20)),)),
    "ema": (("close",), lambda t, c, p: (t.EMA(c["close"], p("period", 20)),)),
    "rsi": (("close",), lambda t, c, p: (t.RSI(c["close"], p("period", 14)),)),
    "macd": (
        ("close",),
        lambda t, c, p: t.MACD(c["close"], p("fast", 12), p("slow", 26), p("smooth", 9)),
    ),
    "bollinger": (
        ("close",),
        lambda t, c, p: t.BBANDS(c["close"], p("period", 20), *(2 * (float(p("width", 2.0)),))),
    ),
    "atr": (
        ("high", "low", "close"),
        lambda t, c, p: (t.ATR(c["high"], c["low"], c["close"], p("period", 14)),),
    ),
    "adx": (
        ("high", "low", "close"),
        lambda t, c, p: tuple(
            f(c["high"], c["low"], c["close"], p("period", 14))
            for f in (t.ADX, t.PLUS_DI, t.MINUS_DI)
        ),
    ),
    "stochastic": (
        ("high", "low", "close"),
        lambda t, c, p: t.STOCH(
            c["high"], c["low"], c["close"], p("period", 5), p("k", 3), 0, p("d", 3), 0
        ),
    ),
    "obv": (("close", "volume"), lambda t, c, p: (t.OBV(c["close"], c["volume"]),)),
    "cci": (
        ("high", "low", "close"),
        lambda t, c, p: (t.CCI(c["high"], c["low"], c["close"], p("period", 20)),),
    ),
}
"""Columns and call by the name of the analytic; outputs in the order of the analytic."""


def talib_values(
    name: str, columns: Mapping[str, npt.ArrayLike], params: Mapping[str, float] | None = None
) -> tuple[Vector, ...]:
    """Values of one indicator over whole columns.

    Parameters
    ----------
    name : str
        Name of the analytic.
    columns : mapping of str to array
        Its inputs.
    params : mapping of str to float, optional
        Its parameters other than the defaults.

    Raises
    ------
    DataError
        When a column holds a number that is not finite.
    ResearchError
        When there is no indicator of that name.
    SettingsError
        When TA-Lib is not installed.
    """
    try:
        import talib  # type: ignore[import-untyped,unused-ignore]
    except ImportError as problem:
        raise SettingsError(
            "TA-Lib is not installed", where=name, mend="pip install 'seawall[analysis]'"
        ) from problem
    if name not in CALLS:
        raise ResearchError(f"there is no indicator {name!r}", mend=f"one of {', '.join(CALLS)}")
    needs, call = CALLS[name]
    given = {n: np.ascontiguousarray(columns[n], dtype=np.float64) for n in needs}
    for column, values in given.items():
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise DataError(
                f"{column} is not finite in {bad.size} rows, the first {bad[0]}", where=name,
                mend="leave those bars out: TA-Lib would go wrong from there on, and not say so",
            )  # fmt: skip
    chosen = dict(params or {})

    def number(key: str, default: float) -> float:
        value = chosen.get(key, default)
        return int(value) if isinstance(default, int) else value

    return tuple(np.asarray(v) for v in call(talib, given, number))
