# SPDX-License-Identifier: MIT
"""The trial log: every configuration that a study ever tried, kept through crashes.

A study is a folder.  ``trials.jsonl`` holds one line per finished trial and
``returns.f64`` the return series, appended first, so that the line is the commit: a
crash between the two leaves bytes that nothing points to, and a torn last line is
skipped on reading and closed before the next append.  The number of trials that
deflates a Sharpe ratio is counted here, over all sweeps that used the folder.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from seawall.model.errors import DataError, ResearchError

try:
    import fcntl
except ImportError:  # no advisory locks there; one writer at a time is then up to the user
    fcntl = None  # type: ignore[assignment]

LINES = "trials.jsonl"
RETURNS = "returns.f64"
SUMMARY = "trials.parquet"
Returns = npt.NDArray[np.float64]

_HEAD, _TAIL = b'{"objective":', re.compile(rb'"crc":\d+}$')


@dataclass(frozen=True, slots=True)
class Trial:
    """One finished trial.

    Parameters
    ----------
    objective, data : str
        Identities of the code and of the data.
    params : mapping
        The configuration.
    window : tuple of int or None
        First and last-but-one period that the trial saw; None is all of them.
    sweep : str
        Identity of the sweep that asked for it; empty for a single run.
    metrics : mapping of str to float
        Figures by name; empty when it failed.
    error : str
        Why it failed; empty when it did not.
    fingerprint : str
        sha256 over the run.
    seconds : float
        Time that the evaluation took.
    offset, count, crc : int
        Place of the return series in ``returns.f64``, in values, and its checksum.
    """

    objective: str
    data: str
    params: Mapping[str, float | int | str]
    window: tuple[int, int] | None = None
    sweep: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    fingerprint: str = ""
    seconds: float = 0.0
    offset: int = 0
    count: int = 0
    crc: int = 0

    @property
    def config(self) -> str:
        """Identity of the configuration: code, data and parameters, whatever the window."""
        return _digest(self.objective, self.data, _text(self.params))

    @property
    def key(self) -> str:
        """Identity of the evaluation: the configuration and the window."""
        return evaluation_key(self.objective, self.data, self.params, self.window)


def evaluation_key(
    objective: str,
    data: str,
    params: Mapping[str, float | int | str],
    window: tuple[int, int] | None,
) -> str:
    """Identity of one evaluation."""
    return _digest(objective, data, _text(params), repr(window))


class TrialLog:
    """Append-only log of a study.

    Parameters
    ----------
    folder : path
        The study; made when it does not exist.

    Raises
    ------
    DataError
        When a line in the middle of the log cannot be read.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lines = self.folder / LINES
        self._returns = self.folder / RETURNS

    def append(self, trial: Trial, returns: Returns | None = None) -> Trial:
        """Write a trial so that it is there whole or not at all, and return it as written."""
        return self.append_many([(trial, returns)])[0]

    def append_many(self, trials: Sequence[tuple[Trial, Returns | None]]) -> list[Trial]:
        """Write trials that finished together, with one wait for the disk.

        Each of them is there whole or not at all after a crash.
        """
        arrays = [np.empty(0) if r is None else r for _, r in trials]
        raws = [np.ascontiguousarray(array, dtype="<f8").tobytes() for array in arrays]
        with self._locked() as lines:
            offset = self._append_returns(b"".join(raws))
            placed = []
            for (trial, _), raw in zip(trials, raws, strict=True):
                count = len(raw) // 8
                placed.append(replace(trial, offset=offset, count=count, crc=zlib.crc32(raw)))
                offset += count
            start = "\n" if _torn(lines) else ""
            lines.write((start + "".join(_line(one) + "\n" for one in placed)).encode())
            lines.flush()
            os.fsync(lines.fileno())
        return placed

    def __iter__(self) -> Iterator[Trial]:
        """Read the trials, oldest first."""
        if not self._lines.exists():
            return
        raw = self._lines.read_bytes().split(b"\n")
        for number, line in enumerate(raw, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except ValueError:
                if _is_torn_line(line):
                    continue
                raise DataError(
                    "a line of the trial log is not JSON",
                    where=f"{self._lines}:{number}",
                    mend="remove that line; the other trials are kept",
                ) from None
            window = found.pop("window")
            metrics = {k: math.nan if v is None else v for k, v in found.pop("metrics").items()}
            pair = None if window is None else (window[0], window[1])
            yield Trial(**found, metrics=metrics, window=pair)

    def tried(self) -> int:
        """Count the different configurations ever evaluated, failed ones too."""
        return len({trial.config for trial in self})

    def returns(self, trial: Trial) -> Returns:
        """Return series of a trial.

        Raises
        ------
        DataError
            When the stored bytes are not those that were written.
        """
        if trial.count == 0:
            return np.empty(0)
        with self._returns.open("rb") as file:
            file.seek(8 * trial.offset)
            raw = file.read(8 * trial.count)
        if len(raw) != 8 * trial.count or zlib.crc32(raw) != trial.crc:
            raise DataError(
                "the return series of a trial is damaged",
                where=f"{self._returns} at value {trial.offset}",
                mend="remove the trial's line from trials.jsonl and run the sweep again",
            )
        return np.frombuffer(raw, dtype="<f8").copy()

    def write_summary(self) -> Path:
        """Write every trial as one Parquet table, replaced at once; returns its path."""
        import polars as pl

        rows = [_row(trial) for trial in self]
        if not rows:
            raise ResearchError("the trial log is empty", where=str(self.folder))
        names = dict.fromkeys(name for row in rows for name in row)
        # A parameter may be a number in one sweep and a word in another.
        columns = {name: [row.get(name) for row in rows] for name in names}
        path, draft = self.folder / SUMMARY, self.folder / f".{SUMMARY}.{os.getpid()}"
        pl.DataFrame({name: _uniform(values) for name, values in columns.items()}).write_parquet(
            draft
        )
        draft.replace(path)
        return path

    def _append_returns(self, raw: bytes) -> int:
        if not raw:
            return 0
        with self._returns.open("ab") as file:
            # A crash may have left part of a value; start on a whole one.
            file.write(b"\0" * (-file.tell() % 8))
            offset = file.tell() // 8
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        return offset

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        with self._lines.open("ab+") as lines:
            if fcntl is not None:
                fcntl.flock(lines, fcntl.LOCK_EX)
            yield lines


def _torn(lines: IO[bytes]) -> bool:
    """Whether the last line has no end; leaves the file at its end."""
    size = lines.seek(0, os.SEEK_END)
    if size == 0:
        return False
    lines.seek(size - 1)
    return lines.read(1) != b"\n"


def _is_torn_line(line: bytes) -> bool:
    """Whether a line is the beginning of a record whose end was never written."""
    begins = line.startswith(_HEAD) or _HEAD.startswith(line)
    return begins and _TAIL.search(line) is None


def _line(trial: Trial) -> str:
    """One record; what is not finite becomes null, which every JSON reader knows."""
    record = asdict(trial)
    record["metrics"] = {
        k: float(v) if math.isfinite(v) else None for k, v in trial.metrics.items()
    }
    return json.dumps(record, separators=(",", ":"), allow_nan=False)


def _row(trial: Trial) -> dict[str, object]:
    head = {"objective": trial.objective, "data": trial.data, "sweep": trial.sweep}
    window = trial.window or (None, None)
    middle = {"start": window[0], "stop": window[1], "error": trial.error}
    tail = {"fingerprint": trial.fingerprint, "seconds": trial.seconds}
    return {
        **head,
        **{f"param_{k}": v for k, v in trial.params.items()},
        **{f"metric_{k}": v for k, v in trial.metrics.items()},
        **middle,
        **tail,
    }


def _uniform(values: list[object]) -> list[object]:
    if any(isinstance(v, str) for v in values):
        return [None if v is None else str(v) for v in values]
    if any(isinstance(v, float) for v in values):
        return [None if v is None else float(str(v)) for v in values]
    return values


def _text(params: Mapping[str, float | int | str]) -> str:
    return json.dumps(dict(sorted(params.items())), separators=(",", ":"))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
