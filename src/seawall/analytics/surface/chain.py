# SPDX-License-Identifier: MIT
"""An option chain at one moment as columns, and the forwards that it implies."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from seawall.model.errors import DataError

Vector = npt.NDArray[np.float64]
HOUR = 1.0 / (365.0 * 24.0)
NEAR = 0.25
"""Log-moneyness within which parity is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Options of one underlying at one moment, one per row; not-a-number where unknown.

    Parameters
    ----------
    forward, strike : array
        In the quote currency; rows of one expiry share their forward.
    years : array
        Time to expiry, years of 365 days.
    call : array
        +1 call, -1 put.
    vol, bid_vol, ask_vol : array
        Implied volatilities of the mark and of the quotes, 1.00 is 100 %.
    option_price : array
        Mark premium, undiscounted, in the quote currency.
    """

    forward: Vector
    strike: Vector
    years: Vector
    call: Vector
    vol: Vector
    bid_vol: Vector
    ask_vol: Vector
    option_price: Vector

    def __post_init__(self) -> None:
        if len({getattr(self, f.name).shape for f in fields(self)}) != 1:
            raise DataError("the columns of a chain differ in length")

    def __len__(self) -> int:
        return int(self.strike.size)

    @property
    def columns(self) -> dict[str, Vector]:
        """Columns under the names that analytics read."""
        names = ("forward", "strike", "years", "call", "vol", "option_price")
        return {n: getattr(self, n) for n in names}

    @property
    def rows(self) -> tuple[Vector, Vector, Vector, Vector]:
        """Forward, strike, years and volatility: what every fit reads."""
        return self.forward, self.strike, self.years, self.vol

    def take(self, mask: npt.NDArray[np.bool_]) -> Chain:
        """Rows of a mask."""
        return replace(self, **{f.name: getattr(self, f.name)[mask] for f in fields(self)})

    def tradable(
        self, *, delta: float = 0.02, spread: float = 0.5, hours: float = 1.0, quoted: bool = True
    ) -> Chain:
        """Rows that a surface should be fitted to.

        Out of the money, |delta| of the call within ``delta`` and 1 - ``delta``, more than
        ``hours`` to live, and (when ``quoted``) a bid and an ask whose volatilities are less
        than ``spread`` of their mean apart.
        """
        from scipy.special import ndtr

        with np.errstate(invalid="ignore", divide="ignore"):
            s = self.vol * np.sqrt(self.years)
            n = ndtr(np.log(self.forward / self.strike) / s + 0.5 * s)
            keep = (n > delta) & (n < 1.0 - delta) & (self.years > hours * HOUR)
            keep &= self.call * (self.strike - self.forward) >= 0.0
            if quoted:
                mean = 0.5 * (self.bid_vol + self.ask_vol)
                keep &= (self.ask_vol - self.bid_vol < spread * mean) & (self.bid_vol > 0.0)
        return self.take(keep)


def parity_forward(
    strike: Vector, call_price: Vector, put_price: Vector, *, coin: bool = False
) -> float:
    """Forward of one expiry from premiums of calls and puts of the same strikes.

    In the quote currency C - P = F - K; in coin C - P = 1 - K/F, which is fitted over the
    strikes near the money by least squares through the origin.  Not-a-number without a pair.
    """
    known = np.isfinite(strike + call_price + put_price)
    x, gap = strike[known], (call_price - put_price)[known]
    if not x.size:
        return float("nan")
    each = x / (1.0 - gap) if coin else x + gap
    middle = float(np.median(each[np.argsort(np.abs(gap))[:5]]))
    near = np.abs(np.log(x / middle)) < NEAR
    if not near.any():
        return middle
    if coin:
        return float(x[near] @ x[near] / (x[near] @ (1.0 - gap[near])))
    return float(np.mean(each[near]))


def delta_forward(strike: Vector, years: Vector, vol: Vector, call_delta: Vector) -> float:
    """Forward of one expiry from Black deltas of calls: F = K exp(d1 s - s^2 / 2).

    The median over the deltas between 0.2 and 0.8, where rounding matters least.
    """
    from scipy.special import ndtri

    good = (call_delta > 0.2) & (call_delta < 0.8) & (vol > 0.0) & (years > 0.0)
    if not good.any():
        good = (call_delta > 0.02) & (call_delta < 0.98) & (vol > 0.0) & (years > 0.0)
    if not good.any():
        return float("nan")
    s = vol[good] * np.sqrt(years[good])
    each = strike[good] * np.exp(ndtri(call_delta[good]) * s - 0.5 * s * s)
    return float(np.median(each))
