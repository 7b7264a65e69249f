# SPDX-License-Identifier: MIT
"""Pytest plugin that writes how far the analytics were from their references in a run.

``PYTHONPATH=tests/analytics ORACLE_RECORD=differences.json pytest tests/analytics
-p oracle_record`` writes one row per reference output, and per comparison of arrays in a test,
with the largest difference found.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROWS: dict[tuple[str, str, str], dict[str, Any]] = {}
CURRENT = [""]


def _note(
    what: str,
    output: str,
    rule: str,
    rtol: float,
    atol: float,
    got: Any,
    ref: Any,
    source: str = "",
) -> None:
    a, b = np.broadcast_arrays(np.asarray(got, np.float64), np.asarray(ref, np.float64))
    with np.errstate(all="ignore"):
        gap = np.abs(a - b)
        relative, used = gap / np.abs(b), gap / (atol + rtol * np.abs(b))
    gap, relative, used = (x[np.isfinite(x)] for x in (gap, relative, used))
    row = ROWS.setdefault((what, output, CURRENT[0]), {
        "what": what, "output": output, "test": CURRENT[0], "rule": rule, "rtol": rtol,
        "atol": atol, "absolute": 0.0, "relative": 0.0, "used": 0.0, "numbers": 0,
    })  # fmt: skip
    row["numbers"] += int(gap.size)
    row["absolute"] = max(row["absolute"], float(gap.max(initial=0.0)))
    row["relative"] = max(row["relative"], float(relative.max(initial=0.0)))
    row["used"] = max(row["used"], float(used.max(initial=0.0)))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Remember which test runs, and note what it compares."""
    CURRENT[0] = item.nodeid.rsplit("/", 1)[-1]
    plain = np.testing.assert_allclose

    def allclose(actual: Any, desired: Any, rtol: float = 1e-7, atol: float = 0.0,
                 *args: Any, **named: Any) -> None:  # fmt: skip
        plain(actual, desired, rtol, atol, *args, **named)
        _note("compared in the test", "", "close", rtol, atol,
              actual, desired)  # fmt: skip

    np.testing.assert_allclose = allclose
    yield
    np.testing.assert_allclose = plain


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Iterator[None]:
    """Wrap the check of the reference numbers once they are loaded."""
    outcome = yield
    if fixturedef.argname != "oracle" or outcome.excinfo is not None:  # type: ignore[attr-defined]
        return
    module = outcome.get_result()  # type: ignore[attr-defined]
    plain = module.check

    def check(case: Any, got: dict[str, Any]) -> None:
        plain(case, got)
        for name, value in got.items():
            rule = case.rules[name]
            if rule.get("rule", "close") != "info":
                _note(case.function, name, rule.get("rule", "close"), rule.get("rtol", 0.0),
                      rule.get("atol", 0.0), value, case.outputs[name])  # fmt: skip

    module.check = check


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the rows."""
    if path := os.environ.get("ORACLE_RECORD"):
        Path(path).write_text(json.dumps(list(ROWS.values()), indent=1), encoding="utf-8")
