# SPDX-License-Identifier: MIT
"""Whether the sizes of all trades of a stream look like those of people: three tests.

Formula: Benford: mad = mean |share of first digit d - log10(1 + 1/d)| over d = 1..9, of the
sizes in base and in quote currency; band = 95 % quantile of mad among samples of Benford's
law of the same number.  Clustering: of sizes at a round number of ``unit`` times 10^k
(k = 2, 3, 4) against the mean of windows of the same width beside it, excess in standard
errors.  Tail: Hill's estimate of the exponent of the largest 5 % of the sizes.
score = unrounded (1 - (1 - benford)(1 - tail)), each 0 to 1: mad from its band to 0.015
beyond it, clustering from 4 standard errors down to 0, exponent outside 1 to 2 by up to 1.
Unit: mad share; cluster standard errors; exponent and score none.  Evidence, no verdict.
Assumption: sizes span two decades or more; steps of a lot, orders of a round sum of money and
programs that repeat a size break Benford's law honestly, so both currencies are tested, the
milder one counts, and it counts only where nobody rounds.  The exponent is the weakest.
Cost: O(n log n) once, no streaming.
Source: Cong, Li, Tang and Yang (2023), Management Science 69(11):6427-6454; Nigrini (2012)
for the bands of mad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from seawall.analytics.jit import Array
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

LEAST: Final = 200
DIGITS: Final = np.arange(1, 10)
BENFORD: Final = np.log10(1.0 + 1.0 / DIGITS)
NIGRINI: Final = 0.015


@dataclass(frozen=True, slots=True)
class WashVenue:
    """What the sizes of a stream look like.

    Parameters
    ----------
    trades : int
        Sizes that were looked at.
    decades : float
        Span of the sizes between their 1 % and 99 % quantiles, powers of ten.
    mad_base, mad_quote : float
        Deviation from Benford's law of sizes in base and in quote currency.
    mad_band : float
        95 % of samples of the law of this number deviate less.
    chi2_p : float
        p-value of the chi-square test of the milder of the two; large samples reject all.
    cluster : float
        Excess of round sizes, standard errors; people round, programs that fake do not.
    exponent : float
        Tail exponent of the sizes.
    benford_part, unrounded_part, tail_part : float
        Evidence of each test, 0 to 1.
    score : float
        Evidence of all, 0 to 1.
    """

    trades: int
    decades: float
    mad_base: float
    mad_quote: float
    mad_band: float
    chi2_p: float
    cluster: float
    exponent: float
    benford_part: float
    unrounded_part: float
    tail_part: float
    score: float


def first_digits(x: Array) -> Array:
    """Counts of the first digits 1 to 9."""
    power = 10.0 ** np.floor(np.log10(x))
    digit = np.floor(x / power * (1.0 + 1e-12)).astype(np.int64)
    out: Array = np.bincount(np.clip(digit, 1, 9), minlength=10)[1:].astype(np.float64)
    return out


def mad_of(counts: Array) -> float:
    """Mean absolute deviation of shares of first digits from Benford's law."""
    return float(np.abs(counts / counts.sum() - BENFORD).mean())


def clustering(qty: Array, unit: float) -> float:
    """Excess of round sizes over sizes beside them, standard errors."""
    lots = np.round(qty / unit).astype(np.int64)
    excess = spread = 0.0
    for power in (100, 1_000, 10_000):
        for multiple in range(1, 10):
            middle = power * multiple
            half = power // 20
            near = int(np.count_nonzero(np.abs(lots - middle) <= half))
            round_ = int(np.count_nonzero(lots == middle))
            usual = near / (2 * half + 1)
            excess += round_ - usual
            spread += usual
    return float(excess / np.sqrt(spread)) if spread > 0.0 else 0.0


def hill(x: Array, share: float = 0.05) -> float:
    """Tail exponent of the largest values (Hill, 1975)."""
    k = max(int(share * x.size), 10)
    top = np.sort(x)[-k - 1 :]
    mean = float(np.log(top[1:] / top[0]).mean())
    return 1.0 / mean if mean > 0.0 else float("inf")


def fit(price: Array, qty: Array, unit: float = 0.001) -> WashVenue:
    """Test the sizes of trades.

    Raises
    ------
    ResearchError
        When there are too few trades, or prices and sizes that are not positive.
    """
    from scipy.stats import chisquare

    if not (np.isfinite(price) & np.isfinite(qty) & (price > 0) & (qty > 0)).all():
        raise ResearchError("a price or a size is not positive", where="wash_venue")
    if qty.size < LEAST:
        raise ResearchError(
            f"{qty.size} trades say nothing of their sizes", mend=f"give at least {LEAST}"
        )
    base, quote = first_digits(qty), first_digits(qty * price)
    mads = (mad_of(base), mad_of(quote))
    milder = base if mads[0] <= mads[1] else quote
    rng = np.random.default_rng(0)
    sampled = rng.multinomial(qty.size, BENFORD, size=500)
    band = float(np.quantile([mad_of(c) for c in sampled.astype(np.float64)], 0.95))
    low, high = np.quantile(qty, (0.01, 0.99))
    decades = float(np.log10(high / low))
    cluster, exponent = clustering(qty, unit), hill(qty)
    # One decade of sizes cannot follow the law, whoever trades.
    benford = float(np.clip((min(mads) - band) / NIGRINI, 0.0, 1.0)) if decades >= 2.0 else 0.0
    unrounded = float(np.clip(1.0 - cluster / 4.0, 0.0, 1.0))
    tail = float(np.clip(max(1.0 - exponent, exponent - 2.0), 0.0, 1.0))
    return WashVenue(
        int(qty.size), decades, mads[0], mads[1], band,
        float(chisquare(milder, BENFORD * milder.sum()).pvalue), cluster, exponent,
        benford, unrounded, tail, unrounded * (1.0 - (1.0 - benford) * (1.0 - tail)),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="wash_venue", group="manipulation", doc=__doc__, inputs=("price", "qty"), fit=fit,
    params=(Param("unit", 0.001, "base unit whose round multiples people use", 1e-12, 1e12),),
    need=Need(seconds=300.0),
)  # fmt: skip
