# SPDX-License-Identifier: MIT
"""A-page-hinkley with river."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from river.drift import PageHinkley

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    values = x["x"].tolist()

    def run() -> list[int]:
        detector, found = PageHinkley(), []
        for i, value in enumerate(values):
            detector.update(value)
            if detector.drift_detected:
                found.append(i)
        return found

    return Task(run, len(values), "values/s", lambda got: {"detections": len(got)}, lambda got: got)


if __name__ == "__main__":
    run_row("A-page-hinkley", "river", "river", make)
