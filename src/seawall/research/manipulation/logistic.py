# SPDX-License-Identifier: MIT
"""Ridge logistic regression by Newton's method: small, deterministic, readable weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted model.

    Parameters
    ----------
    centre, scale : array
        Of each feature in the sample it was fitted on.
    weights : array
        Of the standardised features, the intercept last.
    """

    centre: Floats
    scale: Floats
    weights: Floats

    def score(self, features: Floats) -> Floats:
        """Probability of the first class per row."""
        z = (squash(features) - self.centre) / self.scale
        linear = z @ self.weights[:-1] + self.weights[-1]
        out: Floats = 1.0 / (1.0 + np.exp(-np.clip(linear, -60.0, 60.0)))
        return out


def squash(features: Floats) -> Floats:
    """Signed logarithm: relative changes of a rare burst are heavy-tailed."""
    out: Floats = np.sign(features) * np.log1p(10.0 * np.abs(features))
    return out


def fit(features: Floats, label: npt.NDArray[np.bool_], ridge: float = 1.0) -> Logistic:
    """Fit by penalised maximum likelihood; the intercept is not penalised.

    Raises
    ------
    ResearchError
        When a class is empty.
    """
    if label.all() or not label.any():
        raise ResearchError("a class is empty", where="logistic", mend="give both classes")
    x = squash(features)
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    z = np.column_stack(((x - centre) / scale, np.ones(len(x))))
    y = label.astype(np.float64)
    penalty = np.full(z.shape[1], ridge)
    penalty[-1] = 0.0
    weights = np.zeros(z.shape[1])
    weights[-1] = np.log(y.mean() / (1.0 - y.mean()))
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ weights, -60.0, 60.0)))
        slope = z.T @ (y - p) - penalty * weights
        curve = (z * (p * (1.0 - p))[:, None]).T @ z + np.diag(penalty) + 1e-10 * np.eye(len(slope))
        step = np.linalg.solve(curve, slope)
        # Newton may overshoot where the classes part: no step is longer than 1.
        weights = weights + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    return Logistic(centre, scale, weights)
