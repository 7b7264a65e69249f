# SPDX-License-Identifier: MIT
"""Pictures as files: HTML that needs nothing else, and PNG by a browser without a window."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from seawall.analytics.plot.picture import HEIGHT, WIDTH
from seawall.model.errors import ResearchError

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60


def write_html(figure: Any, path: Path) -> Path:
    """Write a page that holds plotly itself, about 5 MB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.write_html(path, include_plotlyjs=True, full_html=True)
    return path


def write_png(page: Path, figure: Any) -> Path:
    """Photograph a page beside it, in the size of its figure.

    Raises
    ------
    ResearchError
        When there is no browser, or it gives no picture.
    """
    browser = next((b for b in BROWSERS if shutil.which(b)), None)
    if browser is None:
        raise ResearchError(
            "there is no browser to photograph the page",
            where=", ".join(BROWSERS),
            mend="install chromium, or open the HTML page and save it from there",
        )
    out = page.with_suffix(".png")
    width, height = figure.layout.width or WIDTH, figure.layout.height or HEIGHT
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--virtual-time-budget=4000", f"--window-size={int(width) + 20},{int(height) + 20}",
             f"--screenshot={out.resolve()}", page.resolve().as_uri()]  # fmt: skip
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as problem:
        raise ResearchError(
            "the browser gave no picture", where=str(page), mend="open the HTML page instead"
        ) from problem
    return out
