# SPDX-License-Identifier: MIT
"""How much a row may teach when order flow is toxic: less, but never nothing."""

from __future__ import annotations

from typing import overload

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate.errors import GateError


@overload
def toxicity_weight(
    vpin: float, floor: float = ..., *, fine: float = ..., toxic: float = ...
) -> float: ...
@overload
def toxicity_weight(
    vpin: Floats, floor: float = ..., *, fine: float = ..., toxic: float = ...
) -> Floats: ...
def toxicity_weight(
    vpin: float | Floats, floor: float = 0.2, *, fine: float = 0.4, toxic: float = 0.8
) -> float | Floats:
    """Weight of a row by the toxicity of the flow it came from, between ``floor`` and 1.

    1 up to ``fine``, falling in a line to ``floor`` at ``toxic``.  Toxic flow is where
    informed traders and manipulators are; leaving it out would blind the model to crashes, so
    the weight has a floor, and the gate counts what it weighed down.  VPIN depends on the
    size of its buckets: take ``fine`` and ``toxic`` as quantiles of your own market.

    Parameters
    ----------
    vpin : float or float64 array
        Volume-synchronised probability of informed trading, 0 to 1.  Where it is unknown
        (NaN) the weight is ``floor``.
    floor : float
        Least weight, more than 0.
    fine, toxic : float
        VPIN up to which nothing and from which everything is taken off.

    Returns
    -------
    float or float64 array
        Weights.

    Raises
    ------
    GateError
        The floor is no weight, or ``fine`` is not below ``toxic``.
    """
    if not (0.0 < floor <= 1.0 and fine < toxic):
        raise GateError(
            f"floor {floor}, fine {fine}, toxic {toxic}",
            mend="give 0 < floor <= 1 and fine below toxic",
        )
    if isinstance(vpin, np.ndarray):
        part = np.clip((vpin - fine) / (toxic - fine), 0.0, 1.0)
        return np.asarray(1.0 - (1.0 - floor) * np.where(np.isnan(part), 1.0, part))
    value = float(vpin)
    if value != value:
        return floor
    return 1.0 - (1.0 - floor) * min(max((value - fine) / (toxic - fine), 0.0), 1.0)
