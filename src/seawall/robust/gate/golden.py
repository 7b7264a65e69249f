# SPDX-License-Identifier: MIT
"""Golden sets: frozen, hashed rows of curated windows that a model is judged against."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, Ints, as_rows
from seawall.robust.gate.errors import GoldenError
from seawall.robust.gate.standard import Scale, Standardisation, fit_standardisation, identity

FORMAT = 1
REGIMES = ("calm", "volatile", "trend", "crash")
"""Regimes that a golden set is expected to cover; others may be added."""
ROWS_MIN = 8


@dataclass(frozen=True, slots=True)
class WindowRows:
    """A curated window, as it is given to :func:`build_golden`.

    Parameters
    ----------
    name : str
        Unique in its set.
    regime : str
        Label, such as ``"calm"`` or ``"crash"``.
    rows : float64 array, shape (n, d)
        Raw features in the order of time.
    ts_ns : int64 array, shape (n,), optional
        Times of the rows, ns UTC.
    source : str
        Where the rows come from, such as ``"binance:BTC/USDT bars_1h"``.
    """

    name: str
    regime: str
    rows: npt.ArrayLike
    ts_ns: npt.ArrayLike | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class GoldenWindow:
    """A window of a golden set: standardised rows and the hashes that hold them.

    Parameters
    ----------
    name, regime, source : str
        As in :class:`WindowRows`.
    start_ns, end_ns : int
        First and last time, ns UTC; 0 unknown.
    sha256 : str
        Of the bytes of ``rows`` (float64, C order).
    raw_sha256 : str
        Of the raw rows that were given.
    rows : float64 array, shape (n, d)
        Standardised, read-only.
    """

    name: str
    regime: str
    source: str
    start_ns: int
    end_ns: int
    sha256: str
    raw_sha256: str
    rows: Floats


@dataclass(frozen=True, slots=True)
class Regime:
    """Rows of one regime in a golden set."""

    name: str
    windows: int
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """Frozen rows that say what a model of this market may look like.

    It is never refreshed from an adaptive model: the corridor stands around it, so that
    drift in many small steps ends at the same border as drift in one.  A new version is
    built from windows, offline, and names its parent.

    Parameters
    ----------
    standard : Standardisation
        Features and the constants by which rows were standardised.
    windows : tuple of GoldenWindow
        In the order given.
    version : int
        1, or one more than the parent's.
    parent : str
        Digest of the version before; empty for the first.
    note : str
        Who approved it and why.
    """

    standard: Standardisation
    windows: tuple[GoldenWindow, ...]
    version: int = 1
    parent: str = ""
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Features, in the order of the columns."""
        return self.standard.names

    @property
    def rows(self) -> Floats:
        """All standardised rows, shape (n, d)."""
        return np.concatenate([w.rows for w in self.windows])

    @property
    def size(self) -> int:
        """Number of rows."""
        return sum(w.rows.shape[0] for w in self.windows)

    @property
    def digest(self) -> str:
        """sha256 over features, constants and the hashes of all windows."""
        return hashlib.sha256(manifest_bytes(self)).hexdigest()

    def regimes(self) -> tuple[Regime, ...]:
        """Coverage: windows, rows and share of rows per regime, in order of appearance."""
        found: dict[str, list[int]] = {}
        for window in self.windows:
            found.setdefault(window.regime, []).append(window.rows.shape[0])
        return tuple(
            Regime(name, len(counts), sum(counts), sum(counts) / self.size)
            for name, counts in found.items()
        )

    def missing(self, wanted: Sequence[str] = REGIMES) -> tuple[str, ...]:
        """Regimes that no window covers: the gate knows nothing of them."""
        have = {w.regime for w in self.windows}
        return tuple(name for name in wanted if name not in have)


def manifest(golden: GoldenSet) -> dict[str, Any]:
    """Everything about a golden set but its rows, as plain values."""
    standard = golden.standard
    return {
        "format": FORMAT,
        "version": golden.version,
        "parent": golden.parent,
        "note": golden.note,
        "names": list(standard.names),
        "standardisation": {
            "centre": list(standard.centre),
            "scale": list(standard.scale),
            "halflife": standard.halflife,
            "clip": standard.clip,
            "least": standard.least,
        },
        "windows": [
            {
                "name": w.name,
                "regime": w.regime,
                "source": w.source,
                "start_ns": w.start_ns,
                "end_ns": w.end_ns,
                "rows": w.rows.shape[0],
                "sha256": w.sha256,
                "raw_sha256": w.raw_sha256,
            }
            for w in golden.windows
        ],
    }


def manifest_bytes(golden: GoldenSet) -> bytes:
    """Canonical bytes of the manifest: sorted keys, no spaces."""
    return msgspec.json.encode(manifest(golden), order="sorted")


def sha256_of(rows: Floats) -> str:
    """Digest of an array's shape and bytes."""
    text = f"{rows.dtype.str}{rows.shape}".encode()
    return hashlib.sha256(text + np.ascontiguousarray(rows).tobytes()).hexdigest()


def build_golden(
    windows: Sequence[WindowRows],
    names: Sequence[str],
    *,
    halflife: float = 100.0,
    clip: float = 5.0,
    standardised: bool = False,
    parent: GoldenSet | None = None,
    note: str = "",
) -> GoldenSet:
    """Build a golden set from curated windows.

    Parameters
    ----------
    windows : sequence of WindowRows
        What a person chose and approved.
    names : sequence of str
        Features, one per column.
    halflife : float
        Rows, of the volatility by which rows are divided.  As many rows at the beginning of
        a window set the volatility and are left out, where the window has four times as
        many.
    clip : float
        See :class:`~seawall.robust.gate.Standardisation`.
    standardised : bool
        The rows are standardised already and stay as they are.
    parent : GoldenSet, optional
        The version that this one succeeds; features have to be the same.
    note : str
        Who approved it and why.

    Raises
    ------
    GoldenError
        No window, a name twice, features that differ, a missing value, a constant feature,
        or fewer rows than twice the features.
    """
    given = [_checked(w, tuple(names)) for w in windows]
    _whole(given, tuple(names), parent)
    everything = np.concatenate([rows for _, rows, _ in given])
    # Also with standardised rows: a constant feature is refused either way.
    standard = fit_standardisation(everything, tuple(names), halflife=halflife, clip=clip)
    if standardised:
        standard = identity(tuple(names))
    made = tuple(_window(w, rows, ts, standard) for w, rows, ts in given)
    golden = GoldenSet(
        standard, made, parent.version + 1 if parent else 1, parent.digest if parent else "", note
    )
    if golden.size < 2 * len(names):
        raise GoldenError(
            f"{golden.size} rows for {len(names)} features are too few to know what is normal",
            mend="give at least twice as many rows as features; fifty times as many are better",
        )
    return golden


def _whole(
    given: list[tuple[WindowRows, Floats, Ints]], names: tuple[str, ...], parent: GoldenSet | None
) -> None:
    if not given:
        raise GoldenError("no windows", mend="choose at least one window per regime")
    if len(set(names)) != len(names) or not names:
        raise GoldenError("two features have one name, or there is none", mend="name each feature")
    titles = [w.name for w, _, _ in given]
    twice = sorted({t for t in titles if titles.count(t) > 1})
    if twice:
        raise GoldenError("two windows have one name", where=", ".join(twice), mend="rename one")
    if parent is not None and parent.names != names:
        raise GoldenError(
            f"features {', '.join(names)} where the parent has {', '.join(parent.names)}",
            mend="build a first version for other features, without a parent",
        )


def _checked(window: WindowRows, names: tuple[str, ...]) -> tuple[WindowRows, Floats, Ints]:
    try:
        rows = as_rows(window.rows, rows_min=ROWS_MIN, columns=len(names))
    except Exception as error:
        where = f"window {window.name!r}"
        what = getattr(error, "what", str(error))
        inner = getattr(error, "where", "")
        raise GoldenError(
            what, where=f"{where}, {inner}" if inner else where,
            mend=getattr(error, "mend", "") or "mend or drop the window",
        ) from error  # fmt: skip
    if not window.name or not window.regime:
        raise GoldenError("a window has no name or no regime", mend="label each window")
    ts = np.zeros(0, np.int64)
    if window.ts_ns is not None:
        ts = np.asarray(window.ts_ns, dtype=np.int64)
        if ts.shape != (rows.shape[0],) or (np.diff(ts) < 0).any():
            raise GoldenError(
                "times do not fit the rows or run backwards",
                where=f"window {window.name!r}",
                mend="give one time per row, ascending",
            )
    return window, rows, ts


def _window(window: WindowRows, rows: Floats, ts: Ints, standard: Standardisation) -> GoldenWindow:
    scale = Scale(standard)
    drop = scale.settling if rows.shape[0] >= 4 * scale.settling else 0
    made = scale.apply(rows)[drop:]
    made.setflags(write=False)
    times = ts[drop:]
    return GoldenWindow(
        window.name,
        window.regime,
        window.source,
        int(times[0]) if times.size else 0,
        int(times[-1]) if times.size else 0,
        sha256_of(made),
        sha256_of(rows),
        made,
    )
