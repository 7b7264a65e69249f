# SPDX-License-Identifier: MIT
"""Other histories: bars resampled in blocks, whole markets at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.model.events import BarField, Bars

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

PRICES = (BarField.OPEN, BarField.HIGH, BarField.LOW, BarField.CLOSE)
TICKS_MAX = 2**62


@dataclass(frozen=True, slots=True)
class BarShapes:
    """Bars taken apart into steps that can be put together in another order.

    Parameters
    ----------
    ts : int64, shape (n,)
        Closes of the bars, ns UTC.
    streams : int64, shape (k,)
        Stream of each asset.
    steps : float64, shape (n - 1, k, 4)
        Open, high, low and close as logarithms of their ratio to the close before.
    volume : int64, shape (n - 1, k)
        Lots.
    first : int64, shape (5, k)
        Open, high, low, close and volume of the first bar.
    """

    ts: I64
    streams: I64
    steps: F64
    volume: I64
    first: I64

    @property
    def closes(self) -> F64:
        """Logarithmic close-to-close returns, shape (n - 1, k)."""
        return self.steps[:, :, 3]


def common_bars(bars: Bars) -> Bars:
    """Leave out bars at times that not every stream has.

    Parameters
    ----------
    bars : int64, shape (7, n)
        Bars of one or several streams.

    Returns
    -------
    int64, shape (7, m)
        Those that :func:`take_apart` can keep together; possibly none.
    """
    ts, streams = bars[BarField.TS], np.unique(bars[BarField.STREAM])
    if streams.size < 2:
        return bars
    moments, place = np.unique(ts, return_inverse=True)
    shared = np.bincount(place, minlength=moments.size) == streams.size
    return np.ascontiguousarray(bars[:, shared[place]])


def take_apart(bars: Bars) -> BarShapes:
    """Take bars apart, assets side by side.

    Parameters
    ----------
    bars : int64, shape (7, n)
        Bars of one or several streams, ordered by close.

    Raises
    ------
    ResearchError
        When assets have different times (rows could not be kept together), fewer than nine
        bars, or a price that is not positive.
    """
    streams = np.unique(bars[BarField.STREAM])
    parts = [bars[:, bars[BarField.STREAM] == stream] for stream in streams]
    ts = parts[0][BarField.TS]
    for stream, part in zip(streams, parts, strict=True):
        if not np.array_equal(part[BarField.TS], ts):
            raise ResearchError(
                f"stream {stream} has other bar times than stream {streams[0]}",
                mend="resample assets over the bars that they have in common",
            )
    if ts.size < 9:
        raise ResearchError(f"{ts.size} bars are too few to resample", mend="give at least 9")
    prices = np.stack([part[list(PRICES)] for part in parts], axis=-1)  # (4, n, k)
    if prices.min() <= 0:
        raise ResearchError("a price is not positive", mend="leave out bars without trades")
    logs = np.log(prices.astype(np.float64))
    steps = np.moveaxis(logs[:, 1:] - logs[3, :-1], 0, -1)
    volume = np.stack([part[BarField.VOLUME] for part in parts], axis=-1)
    first = np.concatenate([prices[:, 0], volume[:1]])
    return BarShapes(np.ascontiguousarray(ts), streams, steps, volume[1:], first)


def put_together(shapes: BarShapes, rows: I64) -> Bars:
    """Make bars whose steps are those of ``rows``, after the true first bar, at the true times.

    Parameters
    ----------
    shapes : BarShapes
        What the steps are taken from.
    rows : int64, shape (n - 1,)
        Step of each bar; the same for all assets, which keeps them together.

    Returns
    -------
    int64, shape (7, n k)
        Ordered by close, assets in the order of their streams. Prices are whole ticks of
        at least one, and the high and low contain open and close.
    """
    n, k = rows.size + 1, shapes.streams.size
    steps = shapes.steps[rows]
    before = np.vstack([np.zeros((1, k)), np.cumsum(steps[:, :, 3], axis=0)[:-1]])
    levels = before[:, :, None] + steps + np.log(shapes.first[3])[:, None]
    ticks = np.clip(np.rint(np.exp(np.minimum(levels, 42.0))), 1, TICKS_MAX).astype(np.int64)
    out = np.empty((len(BarField), n, k), dtype=np.int64)
    out[BarField.TS] = shapes.ts[:, None]
    out[BarField.STREAM] = shapes.streams
    for place, name in enumerate((*PRICES, BarField.VOLUME)):
        out[name, 0] = shapes.first[place]
    for place, name in enumerate(PRICES):
        out[name, 1:] = ticks[:, :, place]
    out[BarField.VOLUME, 1:] = shapes.volume[rows]
    return out.reshape(len(BarField), n * k)


def choose_block(shapes: BarShapes, holding: float = 0.0) -> float:
    """Choose the mean block length for resampled markets, bars.

    The longest of the lengths that the returns and the absolute returns of the assets ask
    for, and ten times the holding time, since what is tested is what happens within it.
    """
    from seawall.research.statistics import block_length

    closes = shapes.closes
    asked = [
        block_length(series)
        for k in range(closes.shape[1])
        for series in (closes[:, k], np.abs(closes[:, k]))
    ]
    return float(min(max([*asked, 10.0 * holding, 1.0]), len(closes)))


def path_rows(n: int, block: float, seed: int, path: int) -> I64:
    """Steps of one path, the same whatever other paths are made and by which process."""
    from seawall.research.statistics import stationary_indices

    own = int(np.random.SeedSequence([seed, path]).generate_state(1, np.uint64)[0] >> np.uint64(1))
    rows: I64 = stationary_indices(n, 1, block=block, seed=own)[0]
    return rows
