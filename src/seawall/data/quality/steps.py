# SPDX-License-Identifier: MIT
"""Tick and lot from the decimals of the data, for instruments that nobody described."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt

MAX_TICKS = 2**31 - 1
MAX_LOTS = 2**53
_MAX_DECIMALS = 12
_LEAST_VALUE = 10  # tick times lot is at least 1e-10: int64 money then reaches 9e8


def decimals_of(values: npt.NDArray[np.float64], most: int) -> tuple[int, bool]:
    """Fewest decimals that show all values, at most ``most``.

    Returns
    -------
    decimals : int
    exact : bool
        All values are whole multiples of 10^-decimals, up to the precision of float64.
    """
    x = values[np.isfinite(values)]
    for places in range(most + 1):
        scaled = x * 10.0**places
        # A decimal read as float64 is off by half a unit in its last place, times 10^d.
        slack = np.abs(scaled) * 4.5e-16 + 1e-12
        off = np.abs(scaled - np.rint(scaled)) > slack
        if not off.any():
            return places, True
        x = x[off] if places < most else x
    return most, False


def price_step(values: npt.NDArray[np.float64]) -> tuple[Decimal, str]:
    """Tick of prices: the finest decimal place in them, coarser if int32 would overflow.

    Parameters
    ----------
    values : ndarray of float64
        Prices, quote currency.

    Returns
    -------
    tick : Decimal
    note : str
        Where it comes from and what it loses.
    """
    x = values[np.isfinite(values) & (values > 0)]
    if not x.size:
        return Decimal("0.01"), "no prices: tick 0.01 assumed"
    most = int(np.clip(np.floor(np.log10(MAX_TICKS / x.max())), 0, _MAX_DECIMALS))
    places, exact = decimals_of(x, most)
    if exact:
        return Decimal(1).scaleb(-places), "tick from the decimals of the prices"
    # No decimal step shows these prices: nine digits of the largest are what int32 holds.
    lost = float(np.max(np.abs(x * 10.0**most - np.rint(x * 10.0**most)) / (x * 10.0**most)))
    return (
        Decimal(1).scaleb(-most),
        f"prices have more decimals than ticks can hold: rounded by at most {lost:.1e} of a price",
    )


def size_step(values: npt.NDArray[np.float64], tick: Decimal) -> tuple[Decimal, str]:
    """Lot of quantities, coarse enough that tick times lot stays countable in int64."""
    x = values[np.isfinite(values) & (values > 0)]
    if not x.size:
        return Decimal("0.001"), "no quantities: lot 0.001 assumed"
    tick_places = max(0, -int(tick.normalize().as_tuple().exponent))
    room = int(np.floor(np.log10(MAX_LOTS / x.max())))
    most = int(np.clip(min(_LEAST_VALUE - tick_places, room), 0, _MAX_DECIMALS))
    places, exact = decimals_of(x, most)
    note = "lot from the decimals of the quantities"
    return Decimal(1).scaleb(-places), note if exact else f"quantities rounded to {places} decimals"
