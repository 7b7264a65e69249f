# SPDX-License-Identifier: MIT
"""Features of bars with no level of their own: what a golden set of bars is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, Ints
from seawall.robust.gate.errors import GateError

COLUMNS = ("open", "high", "low", "close", "volume")
OF_BAR = ("return", "skew", "volume")
GAP = 1.5
"""A bar that closes this many usual spacings after the one before begins anew."""


def bar_features(
    ts_ns: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike], prefix: str = ""
) -> tuple[Ints, Floats, tuple[str, ...]]:
    """Turn bars of one instrument into three features around zero.

    ``return`` is the change of the log close; ``skew`` is ``ln(high low / (open close))``,
    positive when the wicks point upwards; ``volume`` is the change of the log volume.  All
    scale with volatility alone, so dividing by it leaves the same law in calm and in storm;
    a range would keep a mean that moves with it.  A bar after a gap, or without price or
    volume, gives no row: what happened meanwhile belongs to no bar.

    Parameters
    ----------
    ts_ns : int64 array, shape (n,)
        Closes, ns UTC, ascending.
    columns : mapping of str to array
        ``open``, ``high``, ``low``, ``close``, ``volume``.
    prefix : str
        Set before the names, as ``"BTC/USDT "``.

    Returns
    -------
    int64 array, shape (m,)
        Times of the rows.
    float64 array, shape (m, 3)
        Raw features.
    tuple of str
        Their names.

    Raises
    ------
    GateError
        A column is missing, or there are fewer than three bars.
    """
    lacking = [name for name in COLUMNS if name not in columns]
    if lacking:
        raise GateError(f"no column {', '.join(lacking)}", mend="give bars, or name your features")
    ts = np.asarray(ts_ns, dtype=np.int64)
    o, h, low, c, v = (np.asarray(columns[name], dtype=np.float64) for name in COLUMNS)
    if ts.size < 3:
        raise GateError(f"{ts.size} bars are too few", mend="choose a longer window")
    good = np.isfinite(o + h + low + c + v) & (np.minimum(np.minimum(o, low), c) > 0.0) & (v > 0.0)
    step = np.diff(ts)
    near = step <= GAP * float(np.median(step))
    keep = good[1:] & good[:-1] & near
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = np.stack(
            [np.diff(np.log(c)), np.log(h * low / (o * c))[1:], np.diff(np.log(v))], axis=1
        )
    return ts[1:][keep], rows[keep], tuple(f"{prefix}{name}" for name in OF_BAR)


def join_features(
    parts: Sequence[tuple[Ints, Floats, tuple[str, ...]]],
) -> tuple[Ints, Floats, tuple[str, ...]]:
    """Put features of several instruments side by side at the times that all of them have."""
    common = parts[0][0]
    for ts, _, _ in parts[1:]:
        common = np.intersect1d(common, ts)
    rows = [table[np.searchsorted(ts, common)] for ts, table, _ in parts]
    return common, np.concatenate(rows, axis=1), tuple(n for _, _, names in parts for n in names)
