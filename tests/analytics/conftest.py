# SPDX-License-Identifier: MIT
"""Reference numbers of independent sources, and the recorded market data."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def oracle(test_data: Path) -> ModuleType:
    """The loader of the reference numbers; skips where there are none."""
    file = test_data.parent / "oracles" / "oracle_io.py"
    if not file.is_file():
        pytest.skip(f"no reference numbers at {file.parent}: they stand beside the test data")
    found = importlib.util.spec_from_file_location("oracle_io", file)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    import sys

    sys.modules["oracle_io"] = module  # dataclasses look their module up
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def recorded(test_data: Path) -> Callable[[str], Any]:
    """Read a recorded table by its name under the test data; skips where it is absent."""

    def read(name: str) -> Any:
        import polars as pl

        file = test_data / name
        if not file.is_file():
            pytest.skip(f"no {file}")
        return pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file)

    return read
