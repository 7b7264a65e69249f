# SPDX-License-Identifier: MIT
"""GARCH family by maximum likelihood, through the package arch: for research.

Formula: GARCH(1,1), GJR(1,1,1) or EGARCH(1,1,1), ln s2_t = omega + alpha (|z| - sqrt(2/pi)) +
gamma z + beta ln s2_{t-1}, with normal or Student's t errors of unit variance and mean zero.
Unit: of the values times ``unit``: give returns, they are fitted in percent.
Assumption: rows are one series without gaps.  Standard errors are Bollerslev and
Wooldridge's.  Give 1,000 rows or more: the likelihood of short samples is flat.
Cost: some 30 ms for 10,000 rows; the filter of a fitted model is ``garch_filter``.
Source: Bollerslev (1986); Glosten, Jagannathan and Runkle (1993); Nelson (1991),
Econometrica 59(2); Sheppard, arch 8.0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError, SettingsError

Vector = npt.NDArray[np.float64]
MODELS = ("GARCH", "GJR-GARCH", "EGARCH")
LEAST_ROWS, FEW_ROWS = 100, 1_000


@dataclass(frozen=True, slots=True)
class GarchFit:
    """A fitted model, of the values times ``unit``.

    Parameters
    ----------
    model : str
        ``GARCH``, ``GJR-GARCH`` or ``EGARCH``.
    names : tuple of str
        Names of the parameters.
    values, errors : tuple of float
        Parameters and their robust standard errors.
    loglik, aic, bic : float
        Log-likelihood and criteria (smaller is better).
    persistence : float
        Share of a shock to the variance that is left after one row.
    half_life : float
        Rows after which half of it is left.
    backcast : float
        Square before the first row.
    next_vol : float
        Volatility of the row after the last one, in the unit of the values.
    unit : float
        What the values were multiplied with.
    rows : int
        Rows that were used.
    doubts : tuple of str
        Why it should not be relied on.
    """

    model: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    loglik: float
    aic: float
    bic: float
    persistence: float
    half_life: float
    backcast: float
    next_vol: float
    unit: float
    rows: int
    doubts: tuple[str, ...]

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters of ``garch_filter`` for values times ``unit``; not of an EGARCH.

        Raises
        ------
        ResearchError
            For an EGARCH, whose recursion is in the logarithm.
        """
        if self.model == "EGARCH":
            raise ResearchError("garch_filter knows no EGARCH", mend="fit a GARCH or a GJR-GARCH")
        found = dict(zip(self.names, self.values, strict=True))
        return {
            "omega": found["omega"], "alpha": found["alpha[1]"],
            "gamma": found.get("gamma[1]", 0.0), "beta": found["beta[1]"],
            "backcast": self.backcast,
        }  # fmt: skip


def fit(
    value: Vector, *, model: float = 0.0, student: float = 1.0, unit: float = 100.0
) -> GarchFit:
    """Fit one model.

    Rows that are not finite are left out; the rows around them count as neighbours.

    Parameters
    ----------
    value : array
        Returns with mean zero.
    model : int
        0 GARCH, 1 GJR-GARCH, 2 EGARCH.
    student : int
        1 Student's t errors, 0 normal ones.
    unit : float
        What the values are multiplied with, so that their variance is near 1.

    Raises
    ------
    ResearchError
        With fewer than 100 rows, or values that are all alike.
    SettingsError
        When the package arch is not installed.
    """
    try:
        from arch.univariate import EGARCH, GARCH, Normal, StudentsT, ZeroMean
    except ImportError as problem:
        raise SettingsError(
            "the package arch is not installed", where="garch_fit",
            mend="pip install 'seawall[analysis]'",
        ) from problem  # fmt: skip
    x = np.asarray(value, dtype=np.float64)
    x = x[np.isfinite(x)] * unit
    if x.size < LEAST_ROWS or float(np.ptp(x)) == 0.0:
        raise ResearchError(
            f"{x.size} rows with a range of {np.ptp(x) if x.size else 0.0:g} cannot be fitted",
            mend=f"give {LEAST_ROWS} returns or more that are not all alike",
        )
    number = int(model)
    asked = ZeroMean(x, rescale=False)
    asked.volatility = EGARCH(1, 1, 1) if number == 2 else GARCH(1, number, 1)
    asked.distribution = StudentsT() if student == 1.0 else Normal()
    found = asked.fit(disp="off", show_warning=False)
    names = tuple(str(n) for n in found.params.index)
    params = dict(zip(names, (float(v) for v in found.params), strict=True))
    stay = params["beta[1]"]
    if number < 2:
        stay += params["alpha[1]"] + 0.5 * params.get("gamma[1]", 0.0)
    doubts = []
    if x.size < FEW_ROWS:
        doubts.append(f"only {x.size} rows: fewer than {FEW_ROWS}")
    if stay >= 0.999:
        doubts.append("persistence near 1: the variance has no mean, or its level has moved")
    if int(found.convergence_flag) != 0:
        doubts.append("the search did not end in a maximum")
    if params.get("nu", np.inf) < 3.0:
        doubts.append("fewer than 3 degrees of freedom: the variance hardly exists")
    ahead = float(found.forecast(horizon=1).variance.to_numpy()[-1, 0])
    backcast = float(asked.volatility.backcast(x))
    return GarchFit(
        MODELS[number], names, tuple(params.values()), tuple(float(v) for v in found.std_err),
        float(found.loglikelihood), float(found.aic), float(found.bic), stay,
        float(np.log(0.5) / np.log(stay)) if 0.0 < stay < 1.0 else np.inf, backcast,
        float(np.sqrt(ahead)) / unit, unit, int(x.size), tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="garch_fit", group="regimes", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("model", 0, "0 GARCH, 1 GJR-GARCH, 2 EGARCH", 0, 2, whole=True),
        Param("student", 1, "1 Student's t errors, 0 normal", 0, 1, whole=True),
        Param("unit", 100.0, "what the values are multiplied with", 1e-12, 1e12),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip
