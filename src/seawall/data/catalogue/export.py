# SPDX-License-Identifier: MIT
"""A series of the catalogue as a file that other programs read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.data.catalogue.catalogue import Catalogue
from seawall.data.catalogue.files import whole_file
from seawall.data.feed.sequence import message_starts
from seawall.model.errors import CatalogueError

HFT_EVENT = np.dtype(
    [
        ("ev", "<u8"),  # kind in the low byte, side and place in the high bits
        ("exch_ts", "<i8"),
        ("local_ts", "<i8"),
        ("px", "<f8"),
        ("qty", "<f8"),
        ("order_id", "<u8"),
        ("ival", "<i8"),
        ("fval", "<f8"),
    ]
)
"""Record of hftbacktest's event arrays."""

_DEPTH, _TRADE, _CLEAR, _SNAPSHOT = 1, 2, 3, 4
_BOTH = (1 << 31) | (1 << 30)
_BUY, _SELL = 1 << 29, 1 << 28


def export(
    catalogue: Catalogue,
    key: tuple[str, str, str],
    path: Path,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> int:
    """Write the rows of a series to ``.csv``, ``.parquet`` or ``.npz``.

    ``.npz`` holds trades or depth under ``data`` in the layout of hftbacktest's events;
    exchange times are made non-decreasing there, because its replay needs them so.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    CatalogueError
        When there is no such series, or no such format for it.
    """
    frame = catalogue.frame(*key, start_ns, end_ns).collect()
    suffix = path.suffix.lower()
    if suffix == ".npz":
        array = hft_events(frame, key[2])
        with whole_file(path) as temporary, temporary.open("wb") as stream:
            np.savez_compressed(stream, data=array)
        return len(array)
    if suffix not in (".csv", ".parquet"):
        raise CatalogueError(
            f"{suffix or 'no suffix'} is no format to export",
            where=str(path),
            mend="name the file .csv, .parquet or .npz",
        )
    with whole_file(path) as temporary:
        if suffix == ".csv":
            frame.write_csv(temporary)
        else:
            frame.write_parquet(temporary, compression="zstd")
    return len(frame)


def hft_events(frame: pl.DataFrame, kind: str) -> npt.NDArray[np.void]:
    """Rows of trades or depth as hftbacktest's events.

    Raises
    ------
    CatalogueError
        For other kinds.
    """
    if kind not in ("trades", "depth"):
        raise CatalogueError(
            f"{kind} have no form in hftbacktest's layout", mend="export them to .parquet"
        )
    out = np.zeros(len(frame), HFT_EVENT)
    local = frame["ts"].to_numpy()
    lag = local - frame["venue_ts"].fill_null(pl.Series(local)).to_numpy()
    offset = min(int(lag.min(initial=0)), 0)
    out["local_ts"] = local
    out["exch_ts"] = np.maximum.accumulate(local - lag + offset) if len(out) else local
    out["px"], out["qty"] = frame["price"].to_numpy(), frame["qty"].to_numpy()
    if kind == "trades":
        buys = frame["taker_buy"].fill_null(value=False).to_numpy()
        out["ev"] = _TRADE | _BOTH | np.where(buys, _BUY, _SELL)
        return out
    shot = frame["is_snapshot"].to_numpy()
    side = np.where(frame["is_bid"].to_numpy(), _BUY, _SELL)
    out["ev"] = np.where(shot, _SNAPSHOT, _DEPTH) | _BOTH | side
    return _with_clears(out, message_starts(frame), shot)


def _with_clears(
    events: npt.NDArray[np.void], starts: npt.NDArray[np.int64], shot: npt.NDArray[np.bool_]
) -> npt.NDArray[np.void]:
    """Put a record that clears both sides in front of each snapshot."""
    before = starts[shot[starts]]
    clear = events[before].copy()
    clear["ev"] = _CLEAR | _BOTH
    clear["px"] = clear["qty"] = 0.0
    return np.insert(events, before, clear)
