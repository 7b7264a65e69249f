# SPDX-License-Identifier: MIT
"""What a sweep evaluates: a picklable callable from parameters to metrics and returns."""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import math
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.sweep.space import Params, Value

Returns = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Outcome of one configuration.

    Parameters
    ----------
    params : mapping
        The configuration.
    metrics : mapping of str to float
        Figures by name; one of them is what the sweep searches for.
    returns : float64, shape (n,)
        Simple returns of equity per period, the same periods in every trial of a study.
    fingerprint : str
        sha256 over the run, for comparison between processes; empty when there is none.
    """

    params: Params
    metrics: Mapping[str, float]
    returns: Returns = field(default_factory=lambda: np.empty(0))
    fingerprint: str = ""


class Objective(Protocol):
    """One backtest as a function of its parameters; must survive pickling."""

    def __call__(self, params: Params, window: slice | None = None) -> TrialResult:
        """Run one configuration, on the bars or periods of ``window`` only when given."""
        ...


@runtime_checkable
class BatchObjective(Protocol):
    """An objective that is cheaper by the hundred, such as a fused kernel."""

    def __call__(self, params: Params, window: slice | None = None) -> TrialResult:
        """Run one configuration."""
        ...

    def evaluate_batch(
        self, batch: Sequence[Params], window: slice | None = None
    ) -> list[TrialResult]:
        """Run many configurations in one pass, results in the same order."""
        ...


def objective_id(objective: object) -> str:
    """Identity of an objective, changed by its source, its fields and nothing else.

    An attribute ``objective_id`` (str) wins; otherwise the name, the source text of its
    function or class, and its pickled state are hashed.

    Raises
    ------
    ResearchError
        When the objective cannot be pickled, which other processes need.
    """
    given = getattr(objective, "objective_id", None)
    if isinstance(given, str) and given:
        return given
    code = objective if inspect.isroutine(objective) else type(objective)
    name = f"{code.__module__}.{code.__qualname__}"
    try:
        source = inspect.getsource(code)
    except (OSError, TypeError):
        source = ""
    try:
        state = b"" if inspect.isroutine(objective) else _pickled(objective)
    except (pickle.PicklingError, TypeError, AttributeError) as problem:
        raise ResearchError(
            f"the objective {name} cannot be pickled: {problem}",
            mend="use a module-level function, or a frozen dataclass with plain fields",
        ) from None
    digest = hashlib.sha256(source.encode() + state).hexdigest()[:16]
    return f"{name.removeprefix('__main__.').removeprefix('__mp_main__.')}@{digest}"


def _pickled(objective: object) -> bytes:
    """Pickle without the memo, which would make equal objects differ by shared strings."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer)
    pickler.fast = True
    pickler.dump(objective)
    return buffer.getvalue()


def canonical(params: Params) -> str:
    """Text of a configuration that does not depend on the order of its names."""
    return json.dumps({k: plain(v) for k, v in sorted(params.items())}, separators=(",", ":"))


def plain(value: object) -> Value:
    """NumPy scalar to the Python number that JSON can hold."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if not math.isfinite(number):
            raise ResearchError(f"a parameter is {number}", mend="give finite parameters")
        return number
    return str(value)


def sharpe_per_period(returns: Returns) -> float:
    """Mean over standard deviation (one degree of freedom off); 0 when there is no spread."""
    if returns.size < 2:
        return 0.0
    spread = float(np.std(returns, ddof=1))
    mean = float(np.mean(returns))
    # A constant series has a spread of rounding errors only.
    return mean / spread if spread > 1e-14 * max(1.0, abs(mean)) else 0.0
