# SPDX-License-Identifier: MIT
"""Fixtures that tests of more than one room share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# A first call may compile, which is no reason to fail; and a test that fails by
# chance on somebody else's change teaches people to run it again, so CI is seeded.
settings.register_profile(
    "seawall",
    deadline=None,
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("seawall")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of recorded market data; skips where there is none."""
    named = os.environ.get("SEAWALL_TEST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder}: set SEAWALL_TEST_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium-like browser; skips where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no chromium: install it to test what a browser shows")
