# SPDX-License-Identifier: MIT
"""What the fits of a series share: which values count, and surrogates that know nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]

GAINS, BOTH, LOSSES = 1.0, 0.0, -1.0
"""Which tail: that of the values, of their sizes, of the values with the other sign."""


def finite(value: npt.ArrayLike, least: int, what: str) -> Vector:
    """Finite values in their order.

    Raises
    ------
    ResearchError
        With fewer than ``least`` of them, or when all are equal.
    """
    given = np.asarray(value, dtype=np.float64).ravel()
    x = np.ascontiguousarray(given[np.isfinite(given)])
    if x.size < least:
        raise ResearchError(
            f"{what} needs {least} finite values, and has {x.size} of {given.size}",
            mend="give a longer series",
        )
    if x.min() == x.max():
        raise ResearchError(
            f"{what} is not defined for {x.size} equal values",
            where=f"every value is {x[0]:g}",
            mend="give returns of a price that moves",
        )
    return x


def tail(value: npt.ArrayLike, side: float, least: int, what: str) -> Vector:
    """Positive values of one tail, sorted upwards.

    Parameters
    ----------
    value : array
        Returns, or sizes.
    side : float
        +1 gains, -1 losses, 0 the sizes of both.
    least : int
        Fewest positive values.
    what : str
        Who asks, for the message.

    Raises
    ------
    ResearchError
        With fewer positive values than ``least``, or when all are equal.
    """
    given = np.asarray(value, dtype=np.float64).ravel()
    given = given[np.isfinite(given)]
    x = np.abs(given) if side == BOTH else side * given
    x = np.sort(x[x > 0.0])
    if x.size < least or x[0] == x[-1]:
        raise ResearchError(
            f"{what} needs {least} positive values that are not all equal, and has {x.size}",
            where=f"side={side:g} of {given.size} finite values",
            mend="give a longer series, or the other side",
        )
    return x


def log_returns(close: npt.ArrayLike) -> Vector:
    """Differences of log prices; not-a-number beside a price that is not positive."""
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.asarray(close, dtype=np.float64))
    logs[~np.isfinite(logs)] = np.nan
    return np.asarray(np.diff(logs))


def shuffled(x: Vector, rng: np.random.Generator) -> Vector:
    """Take the values in another order: the law is kept, all memory is lost."""
    return rng.permutation(x)


def tossed(x: Vector, rng: np.random.Generator) -> Vector:
    """Deviations from the mean with signs by the toss of a coin: sizes keep their memory."""
    return np.asarray((x - x.mean()) * rng.choice((-1.0, 1.0), x.size))


def phase_randomised(x: Vector, rng: np.random.Generator) -> Vector:
    """Draw a Gaussian series with the spectrum of ``x``: linear memory is kept, tails are lost."""
    spectrum = np.fft.rfft(x - x.mean())
    turn = rng.uniform(0.0, 2.0 * np.pi, spectrum.size)
    turn[0] = 0.0
    if x.size % 2 == 0:
        turn[-1] = 0.0
    return np.asarray(np.fft.irfft(spectrum * np.exp(1j * turn), x.size) + x.mean())


def blocks(n: int, length: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Indices of a circular block bootstrap of ``n`` values."""
    count = -(-n // length)
    starts = rng.integers(0, n, count)
    return np.asarray((starts[:, None] + np.arange(length)).ravel()[:n] % n)
