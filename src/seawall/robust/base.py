# SPDX-License-Identifier: MIT
"""The contract of every estimator: parameters, fit, streaming update, copies.

The contract is the one scikit-learn made common (``fit``, ``get_params``, ``set_params``,
attributes that end in an underscore), so its tools accept these estimators; nothing of it
is imported.
"""

from __future__ import annotations

import inspect
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from seawall.robust.errors import EstimationError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def as_rows(X: npt.ArrayLike, *, rows_min: int = 1, columns: int | None = None) -> Floats:
    """Check observations and return them as float64 of shape (n, d).

    Parameters
    ----------
    X : array_like, shape (n, d) or (n,)
        Rows are observations; a flat array is one column.
    rows_min : int
        Fewest rows that make sense.
    columns : int, optional
        How many columns there have to be.

    Returns
    -------
    float64 array, shape (n, d)
        C order; shares memory where it can.

    Raises
    ------
    EstimationError
        Empty, wrong shape, too few rows, or a value that is not finite.
    """
    try:
        rows = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EstimationError(
            "the observations are not numbers", mend="give a table of floats"
        ) from error
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise EstimationError(
            f"observations of shape {rows.shape} are no table", mend="give shape (rows, columns)"
        )
    if rows.shape[0] < rows_min:
        raise EstimationError(f"{rows.shape[0]} rows are too few", mend=f"give at least {rows_min}")
    if columns is not None and rows.shape[1] != columns:
        raise EstimationError(
            f"{rows.shape[1]} columns where {columns} were fitted", mend="give the same features"
        )
    if not np.isfinite(rows).all():
        row, column = (int(v) for v in np.argwhere(~np.isfinite(rows))[0])
        raise EstimationError(
            "a value is missing or infinite",
            where=f"row {row}, column {column}",
            mend="drop or fill such rows before estimating",
        )
    return np.ascontiguousarray(rows)


def require(condition: bool, what: str, mend: str) -> None:
    """Raise an :class:`EstimationError` unless a parameter is as it has to be."""
    if not condition:
        raise EstimationError(what, mend=mend)


class Estimator:
    """Base of all estimators.

    A subclass keeps its constructor's arguments unchanged under their names and
    computes in ``_estimate``.  ``update`` keeps the last ``window`` rows and estimates
    when a result is read, so that an update costs O(d), a read after updates costs one
    batch, and both forms agree exactly.
    """

    rows_min = 1
    n_features_in_: int
    _rows: Floats
    _seen: int

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(n for n in inspect.signature(cls.__init__).parameters if n != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name; nested ones as ``outer__inner``."""
        params = {name: getattr(self, name) for name in self._names()}
        if deep:
            for name, value in list(params.items()):
                if isinstance(value, Estimator):
                    inner = value.get_params()
                    params |= {f"{name}__{key}": v for key, v in inner.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; results fitted before are dropped."""
        for name, value in params.items():
            outer, _, inner = name.partition("__")
            if outer not in self._names():
                known = ", ".join(self._names())
                raise EstimationError(
                    f"{type(self).__name__} has no parameter {name!r}", mend=f"it has {known}"
                )
            if inner:
                getattr(self, outer).set_params(**{inner: value})
            else:
                setattr(self, name, value)
        if params:
            self._forget()
            self.__dict__.pop("_rows", None)
        return self

    def clone(self) -> Self:
        """Return an estimator of the same parameters that has seen no data."""
        params = {
            name: value.clone() if isinstance(value, Estimator) else value
            for name, value in self.get_params(deep=False).items()
        }
        return type(self)(**params)

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Estimate from a batch.

        Parameters
        ----------
        X : array_like, shape (n, d)
            Rows are observations.
        y : object
            Ignored.
        """
        rows = as_rows(X, rows_min=self.rows_min)
        self._forget()
        self.__dict__.pop("_rows", None)
        self._estimate(rows)
        self.n_features_in_ = rows.shape[1]
        self._start_stream(rows)
        return self

    def update(self, x: npt.ArrayLike) -> Self:
        """Take in one observation; the last ``window`` of them count.

        Parameters
        ----------
        x : array_like, shape (d,)
            The newest observation.
        """
        row = as_rows(np.atleast_1d(np.asarray(x, dtype=np.float64))[None, :])
        window = int(self.get_params(deep=False)["window"])
        require(window >= 1, "a window of no rows", "give window >= 1")
        if "_rows" not in self.__dict__:
            self._start_stream(row[:0])
        as_rows(row, columns=self._rows.shape[1])
        if self._seen >= self._rows.shape[0]:
            keep = min(self._seen, window - 1)
            fresh = np.empty((2 * window, row.shape[1]))
            fresh[:keep] = self._rows[self._seen - keep : self._seen]
            self._rows, self._seen = fresh, keep
        self._rows[self._seen] = row[0]
        self._seen += 1
        self._forget()
        return self

    def _start_stream(self, rows: Floats) -> None:
        window = int(self.get_params(deep=False)["window"])
        last = rows[max(0, rows.shape[0] - window) :]
        self._rows = np.empty((2 * window, rows.shape[1]))
        self._rows[: last.shape[0]] = last
        self._seen = last.shape[0]

    def _forget(self) -> None:
        for name in [n for n in self.__dict__ if n.endswith("_") and not n.startswith("_")]:
            del self.__dict__[name]

    def _estimate(self, X: Floats) -> None:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        # Reached only for what is not there: a result that updates made stale.
        if name.startswith("_") or not name.endswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        if "_rows" not in self.__dict__ or "n_features_in_" in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no {name!r}, or is not fitted")
        window = int(self.get_params(deep=False)["window"])
        last = self._rows[max(0, self._seen - window) : self._seen]
        rows = as_rows(last, rows_min=self.rows_min)
        self._estimate(rows)
        self.n_features_in_ = rows.shape[1]
        return getattr(self, name)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v!r}" for k, v in self.get_params(deep=False).items())
        return f"{type(self).__name__}({shown})"


def estimators() -> tuple[type[Estimator], ...]:
    """Return every estimator of this room that is ready for use, by name."""
    found: list[type[Estimator]] = []
    waiting = list(Estimator.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if not kind.__name__.startswith("_") and kind.__module__.startswith(__package__ or ""):
            found.append(kind)
    return tuple(sorted(found, key=lambda kind: kind.__name__))
