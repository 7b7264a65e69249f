# SPDX-License-Identifier: MIT
"""Gate profiles: corridors with a warning and an acting limit, and how they were found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from seawall.robust.gate.check import Limits
from seawall.robust.gate.errors import GateError


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the limits of a profile were found, so that they can be judged and found again.

    Parameters
    ----------
    rate_per_check : float
        False alarms per check that the acting limits were set for.
    warn_share : float
        Warning limits as a share of the acting ones.
    every : int
        Rows between checks.
    paths : int
        Simulated paths per null, of ``checks`` checks each.
    checks : int
        Checks per path after the start-up.
    nulls : tuple of str
        ``"parametric"`` (t rows with the reference's covariance), ``"bootstrap"`` (blocks of
        golden rows); the wider limit counts.
    degrees_of_freedom : float
        Of the t rows; infinite for Gaussian.
    extrapolated : bool
        The rate is rarer than the paths can show: a Gumbel law was fitted.
    independent : float
        Golden rows over rows per path: how many paths of the bootstrap were not repeats.
    seed : int
        Of the simulation.
    rehearsed_per_check : float
        Rollbacks per check of the whole machine on the worst null; 0 too few to say.
    """

    rate_per_check: float
    warn_share: float
    every: int
    paths: int
    checks: int
    nulls: tuple[str, ...]
    degrees_of_freedom: float
    extrapolated: bool
    independent: float
    seed: int
    rehearsed_per_check: float = 0.0


@dataclass(frozen=True, slots=True)
class GateProfile:
    """Limits that a model is held to.

    Parameters
    ----------
    name : str
        ``"original"``, ``"calibrated"`` or your own.
    warn, act : Limits
        Beyond ``warn`` a check warns; beyond ``act`` the gate rolls back.
    anchor_distance : float
        Mahalanobis distance under the model beyond which a golden row is an anomaly.
    loss_mean, loss_scale : float
        Golden loss of models without drift, for CUSUM and Page-Hinkley over checks.
    cusum_allowance, page_hinkley_delta : float
        Of the standardised golden loss.
    calibration : Calibration or None
        How the limits were found; none for fixed ones.
    """

    name: str
    warn: Limits
    act: Limits
    anchor_distance: float = math.inf
    loss_mean: float = 0.0
    loss_scale: float = 1.0
    cusum_allowance: float = 0.5
    page_hinkley_delta: float = 0.5
    calibration: Calibration | None = None


ORIGINAL = GateProfile(
    name="original",
    warn=Limits(mahalanobis=0.5, spectrum_min=0.85, spectrum_max=1.15, kl=0.1),
    act=Limits(mahalanobis=0.5, spectrum_min=0.85, spectrum_max=1.15, kl=0.2),
)
"""The fixed triple 0.5 / 15 % / 0.1 nats (0.2 to act) of the first requirement.

Its limits know neither rows nor features: without any drift, five Gaussian features and 500
rows are beyond the 15 % in three checks of four.
"""

ECONOMIC = Limits(
    mahalanobis=0.1, spectrum_min=0.9, spectrum_max=1.1, kl=0.02, kl_reverse=0.02,
    anchor_share=0.0, cusum=0.0, page_hinkley=0.0,
)  # fmt: skip
"""Drift too small to matter to a strategy: no calibrated limit is narrower."""

NAMES = ("original", "calibrated")


def named_profile(name: str, calibrated: GateProfile | None = None) -> GateProfile:
    """Return a profile by its name.

    Raises
    ------
    GateError
        No such profile, or none was calibrated.
    """
    if name == "original":
        return ORIGINAL
    if name == "calibrated" and calibrated is not None:
        return calibrated
    if name == "calibrated":
        raise GateError(
            "no calibrated profile is at hand", mend="calibrate one: seawall golden calibrate"
        )
    raise GateError(f"there is no profile {name!r}", mend=f"choose {' or '.join(NAMES)}")


def rows_for_claim(limit: float, confidence: float = 0.95) -> int:
    """Fewest golden rows that can show an anomaly rate below ``limit``.

    With no anomaly among n rows the Clopper-Pearson bound is ``1 - (1 - confidence)^(1/n)``:
    a claim of 1e-4 at 95 % needs 29,956 rows.
    """
    if not (0.0 < limit < 1.0 and 0.0 < confidence < 1.0):
        raise GateError(f"limit {limit} at confidence {confidence}", mend="give 0 to 1")
    return math.ceil(math.log1p(-confidence) / math.log1p(-limit))


def with_anchor_claim(
    profile: GateProfile,
    golden_rows: int,
    limit: float = 1e-4,
    *,
    distance: float,
    confidence: float = 0.95,
) -> GateProfile:
    """Hold golden rows to an absolute anomaly rate, if there are enough of them to claim it.

    Parameters
    ----------
    profile : GateProfile
        Its other limits stay.
    golden_rows : int
        Size of the golden set.
    limit : float
        Anomaly rate; the first requirement names 1e-4.
    distance : float
        Mahalanobis distance beyond which a row is an anomaly.
    confidence : float
        Of the claim.

    Raises
    ------
    GateError
        Too few golden rows: no anomaly among them would not yet show the rate.
    """
    needed = rows_for_claim(limit, confidence)
    if golden_rows < needed:
        raise GateError(
            f"{golden_rows} golden rows cannot show an anomaly rate below {limit:g}",
            mend=f"give at least {needed} rows, or claim a larger rate",
        )
    act = replace(profile.act, anchor_share=limit)
    return replace(profile, act=act, anchor_distance=distance)


def clopper_pearson(count: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of a share of which ``count`` in ``n`` were seen."""
    from scipy.special import betaincinv

    if not (0 <= count <= n and n > 0):
        raise GateError(f"{count} of {n} is no share", mend="give 0 <= count <= n, n > 0")
    tail = 0.5 * (1.0 - confidence)
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1.0 - tail)) if count < n else 1.0
    return low, high


def poisson_interval(count: int, exposure: float, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of a rate of which ``count`` events were seen in ``exposure``."""
    from scipy.special import gammaincinv

    if count < 0 or not exposure > 0.0:
        raise GateError(f"{count} events in {exposure}", mend="give a count and time > 0")
    tail = 0.5 * (1.0 - confidence)
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low / exposure, float(gammaincinv(count + 1, 1.0 - tail)) / exposure
