# SPDX-License-Identifier: MIT
"""Does a feature or a rule know the future?  Take the future away and see.

What was decided up to a moment must not change when everything after that moment is cut
off, or replaced by something else.  The test needs no knowledge of the code and has no
false alarm beyond rounding; what it cannot see is a leak that the data tried do not
provoke, and a program that reads the future from somewhere else than its input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.model.time import format_time_ns

F64 = npt.NDArray[np.float64]
Columns = dict[str, F64]
Rule = Callable[[Columns], npt.ArrayLike]
"""From columns of n rows to n values, or n rows of values."""

Decides = Literal["close", "open"]
ROUNDING = 1e-9
OPEN_COLUMN = "open"
VOLUME_COLUMN = "volume"


@dataclass(frozen=True, slots=True)
class Leak:
    """One change of the past by the future.

    Parameters
    ----------
    test : str
        ``truncated`` or ``altered``.
    row : int
        First row, or order, that changed.
    ts : int
        Its time, ns UTC; -1 when rows have no times.
    cut : int
        First row of the future that was taken away.
    size : float
        Largest change of a value; for orders the number that changed.
    relative : float
        ``size`` over the standard deviation of the values; NaN for orders.
    column : int
        Column of the output in which it was largest.
    """

    test: str
    row: int
    ts: int
    cut: int
    size: float
    relative: float
    column: int = 0

    @property
    def change(self) -> str:
        """Size in words: a value may also come or go."""
        return f"{self.size:.6g}" if np.isfinite(self.size) else "value or none"

    @property
    def reach(self) -> int:
        """Rows between the first that changed and the future: how far ahead it sees."""
        return self.cut - self.row


@dataclass(frozen=True, slots=True)
class LookaheadReport:
    """Outcome of a check.

    Parameters
    ----------
    subject : str
        What was checked.
    leaks : tuple of Leak
        One per cut and test that failed, the earliest first.
    cuts, compared : int
        Cuts tried, and values or orders that were compared over all of them.
    deterministic : bool
        Whether two runs on the same data agreed; when not, nothing else was tried.
    mend : str
        What to do, when something was found.
    skipped : str
        Last error that the subject raised on cut data; such a cut is judged by the altered
        future only.
    """

    subject: str
    leaks: tuple[Leak, ...]
    cuts: int
    compared: int
    deterministic: bool = True
    mend: str = ""
    skipped: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return self.deterministic and not self.leaks

    def sentence(self) -> str:
        """Tell the outcome in one or two lines."""
        if not self.deterministic:
            return f"{self.subject} gives another result on the same data: {self.mend}"
        if not self.leaks:
            return f"{self.subject}: no lookahead in {self.compared} decisions at {self.cuts} cuts"
        first = self.leaks[0]
        when = f" ({format_time_ns(first.ts)})" if first.ts >= 0 else ""
        return (
            f"{self.subject} knows the future: row {first.row}{when} changes "
            f"({first.change}) when rows from {first.cut} on are {first.test}; "
            f"{len(self.leaks)} of {2 * self.cuts} tests failed. {self.mend}"
        )


def check_feature(
    rule: Rule,
    data: Mapping[str, npt.ArrayLike] | npt.ArrayLike,
    *,
    ts: npt.ArrayLike | None = None,
    decides: Decides = "close",
    n_cuts: int = 40,
    seed: int = 0,
    subject: str = "",
    rounding: float = ROUNDING,
) -> LookaheadReport:
    """Check a feature, or a rule that turns bars into targets.

    Parameters
    ----------
    rule : callable
        From columns (a mapping of arrays, or one array when ``data`` is one) to as many
        values as there are rows; a second dimension is allowed.
    data : mapping of str to array, or array
        What it is tried on, ordered in time.
    ts : int64, shape (n,), optional
        Time of each row, ns UTC, for the report.
    decides : {"close", "open"}
        ``close``: a value may use its own row.  ``open``: a value is acted on at the open
        of its row, so only the column ``open`` of that row may be used.
    n_cuts : int
        Moments at which the future is taken away; the last row is always one of them.
    seed : int
        Seed of the moments and of the other futures.
    subject : str
        Name for the report; the function's own by default.
    rounding : float
        Change that counts as rounding, relative to the size of the values.

    Raises
    ------
    ResearchError
        When the output does not fit the data, or decides nothing.
    """
    columns, plain = _columns(data)
    n = len(next(iter(columns.values())))
    times = None if ts is None else np.asarray(ts, dtype=np.int64)
    name = subject or str(getattr(rule, "__name__", type(rule).__name__))

    def run(given: Columns) -> F64:
        copies = {k: v.copy() for k, v in given.items()}  # a rule may write into its input
        out = rule(copies if not plain else copies[""])  # type: ignore[arg-type]
        values = np.asarray(out, dtype=np.float64)
        rows = len(next(iter(given.values())))
        if values.ndim not in (1, 2) or values.shape[0] != rows:
            raise ResearchError(
                f"{name} gives an array of shape {values.shape} for {rows} rows",
                mend="return one value (or one row of values) for each row, NaN where unknown",
            )
        return values.reshape(rows, -1)

    whole = run(columns)
    if not _same(whole, run(columns), rounding).all():
        return LookaheadReport(name, (), 0, 0, deterministic=False, mend=UNSEEDED)
    if not np.isfinite(whole).any():
        raise ResearchError(f"{name} gives no value at all", mend="try it on more data")
    rng = np.random.default_rng(seed)
    leaks: list[Leak] = []
    compared, problems = 0, ""
    cuts = choose_cuts(n, n_cuts, rng, _decisions(whole))
    for cut in cuts:
        known = cut if decides == "close" else cut + 1
        for test, future in (
            ("truncated", _truncated(columns, cut, decides)),
            ("altered", _altered(columns, cut, decides, rng)),
        ):
            try:
                part = run(future)
            except Exception as problem:
                # Few rows may be too few for it; the altered future is as long as the true.
                problems = f"{type(problem).__name__}: {problem} ({cut} rows)"
                if test == "truncated":
                    continue
                raise
            leak, count = _compare(whole[:known], part[:known], cut, test, times, rounding)
            compared += count
            leaks.extend([leak] if leak else [])
    leaks.sort(key=lambda leak: (leak.row, leak.cut, leak.size))
    advice = mend_for(leaks, decides) if leaks else ""
    return LookaheadReport(name, tuple(leaks), len(cuts), compared, mend=advice, skipped=problems)


UNSEEDED = "give its random numbers a fixed seed, and read no clock, before it can be judged"


def choose_cuts(
    n: int, n_cuts: int, rng: np.random.Generator, decisions: npt.NDArray[np.int64] | None = None
) -> list[int]:
    """Rows at which to cut, ascending; the last row among them.

    Half of them at random, half right after rows at which something was decided, because
    a rule that decides seldom can leak only there.

    Raises
    ------
    ResearchError
        With fewer than three rows.
    """
    if n < 3:
        raise ResearchError(f"{n} rows are too few to cut", mend="give a few hundred")
    after = np.empty(0, dtype=np.int64) if decisions is None else np.unique(decisions + 1)
    after = after[(after > 0) & (after < n)]
    some = rng.choice(after, size=min(n_cuts // 2, after.size), replace=False)
    others = np.setdiff1d(np.arange(1, n), some)
    rest = rng.choice(others, size=min(n_cuts - some.size, others.size), replace=False)
    return sorted({*some.tolist(), *rest.tolist(), n - 1})


def _decisions(values: F64) -> npt.NDArray[np.int64]:
    """Rows whose values differ from the row before, when these are not the rule."""
    before, after = values[:-1], values[1:]
    changed = ((before != after) & ~(np.isnan(before) & np.isnan(after))).any(axis=1)
    rows = np.flatnonzero(changed) + 1
    return rows if rows.size < len(values) // 2 else np.empty(0, dtype=np.int64)


def mend_for(leaks: Sequence[Leak], decides: Decides = "close") -> str:
    """Advice from the pattern: how far ahead it sees, and whether that is always as far."""
    furthest = max(leak.reach for leak in leaks)
    if decides == "open" and furthest <= 0:
        return (
            "Mend: it acts at the open of a bar and uses that bar's high, low, close or volume; "
            "use the bar before (shift by 1), or act at the next open."
        )
    # Something computed over the sample changes from its beginning on, wherever it is cut.
    steady = float(np.median([leak.reach / leak.cut for leak in leaks])) < 0.5
    if steady and furthest <= 1:
        return (
            "Mend: it reads the next row; look for shift(-1), diff(-1), [i + 1] or a label "
            "among the features."
        )
    if steady:
        return (
            f"Mend: it reads up to {furthest} rows ahead; look for a centred window, a negative "
            "shift, back-filling or interpolation, and make it look back."
        )
    return (
        "Mend: values far back change with the end of the data; look for a mean, scale, rank, "
        "fit or threshold over the whole sample, and compute it over the past only."
    )


def _columns(data: Mapping[str, npt.ArrayLike] | npt.ArrayLike) -> tuple[Columns, bool]:
    plain = not isinstance(data, Mapping)
    named = {"": data} if plain else data
    columns = {k: np.asarray(v, dtype=np.float64) for k, v in named.items()}  # type: ignore[union-attr]
    if not columns or len({len(v) for v in columns.values()}) != 1:
        raise ResearchError("the columns are empty or of different length", mend="align them")
    return columns, plain


def _truncated(columns: Columns, cut: int, decides: Decides) -> Columns:
    if decides == "close":
        return {name: values[:cut] for name, values in columns.items()}
    kept = {name: values[: cut + 1].copy() for name, values in columns.items()}
    for name in kept:
        if name != OPEN_COLUMN:  # at its open, a bar is one price and no volume
            kept[name][cut] = 0.0 if name == VOLUME_COLUMN else kept[OPEN_COLUMN][cut]
    return kept


def _altered(columns: Columns, cut: int, decides: Decides, rng: np.random.Generator) -> Columns:
    """Replace the future by another: its own rows in another order, on another level."""
    n = len(next(iter(columns.values())))
    order = cut + rng.permutation(n - cut)
    level = float(np.exp(rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 1.0)))
    out = {}
    for name, values in columns.items():
        other = values.copy()
        other[cut:] = values[order] * level
        if decides == "open" and name == OPEN_COLUMN:
            other[cut] = values[cut]
        out[name] = other
    return out


def _compare(
    whole: F64, part: F64, cut: int, test: str, ts: npt.NDArray[np.int64] | None, rounding: float
) -> tuple[Leak | None, int]:
    same = _same(whole, part, rounding)
    count = int(np.isfinite(whole).sum())
    if same.all():
        return None, count
    row = int(np.flatnonzero(~same.all(axis=1))[0])
    change = np.where(same, 0.0, np.abs(whole - part))
    change[np.isnan(change)] = np.inf  # a value that comes or goes with the future
    column = int(change.max(axis=0).argmax())
    finite = change[np.isfinite(change)]
    size = float(finite.max()) if finite.max() > 0 else float("inf")
    spread = float(np.nanstd(whole[:, column]))
    relative = size / spread if spread > 0 else float("nan")
    when = -1 if ts is None else int(ts[row])
    return Leak(test, row, when, cut, size, relative, column), count


def _same(a: F64, b: F64, rounding: float) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.abs(a), np.abs(b))
        # Running sums carry the rounding of the largest value that went through them.
        top = float(np.max(size[np.isfinite(size)], initial=0.0))
        near = np.abs(a - b) <= rounding * np.maximum(size, top * 1e-3)
    same: npt.NDArray[np.bool_] = near | (a == b) | (np.isnan(a) & np.isnan(b))
    return same
