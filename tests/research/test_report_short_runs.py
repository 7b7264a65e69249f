# SPDX-License-Identifier: MIT
"""A run of hours has no annual ratio among its headlines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seawall.research.metrics import Metrics
from seawall.research.report import Summary
from seawall.research.report._fragments import cards, figure_tables
from seawall.research.statistics import Trials


@pytest.mark.parametrize(
    ("days", "shown"), [(0.1, False), (29.9, False), (30.0, True), (400.0, True)]
)
def test_the_sharpe_ratio_is_a_headline_from_thirty_days_on(days: float, shown: bool) -> None:
    metrics = replace(Metrics("USDT"), span_days=days, sharpe=1.234, bars=100, bar="1h")
    nan = float("nan")
    s = Summary(metrics, (), Trials(1), nan, nan, nan, nan, nan, None)
    assert ("Sharpe ratio" in cards(s)) is shown
    assert "1.23" in figure_tables(s), "it always stands in the table of all figures"
