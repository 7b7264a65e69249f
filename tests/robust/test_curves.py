# SPDX-License-Identifier: MIT
"""The measured curves say what theory says, and the command writes them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from seawall.cli.robust import app
from seawall.robust.curves import curves


@pytest.fixture(scope="module")
def measured():
    return {c.name: c for c in curves()}


def test_what_breaks_at_one_row_and_what_does_not(measured):
    for name in ("mean (trimmed by 0)", "Ledoit-Wolf log spread"):
        assert measured[name].breakdown <= 0.02
    for name in ("Catoni narrow", "Huber 1.5", "log Qn", "log MAD", "log Sn"):
        assert measured[name].breakdown >= 0.48
    assert measured["trimmed 25 %"].breakdown == pytest.approx(0.26, abs=0.011)
    assert 0.24 <= measured["MRCD log spread"].breakdown <= 0.28


def test_influence_of_the_mean_is_a_line_and_that_of_narrow_catoni_is_flat_far_out(measured):
    mean, catoni = measured["mean (trimmed by 0)"], measured["Catoni narrow"]
    assert mean.influence == pytest.approx(mean.at, abs=1e-9)
    assert catoni.influence[-1] == pytest.approx(catoni.influence[-4], abs=1e-6)
    wide = measured["Catoni wide"].influence
    assert wide[-1] > wide[-4] + 0.2


def test_bias_of_the_median_like_estimate_is_what_theory_allows(measured):
    """No translation-equivariant estimate has less than the median's 0.1397 at 10 %."""
    assert measured["Catoni narrow"].as_dict()["bias_at_10_percent"] >= 0.11
    assert measured["Catoni narrow"].as_dict()["bias_at_10_percent"] <= 0.25


def test_the_command_writes_a_page_that_needs_no_network(tmp_path):
    answer = CliRunner().invoke(app, ["curves", "--out", str(tmp_path / "new"), "--json"])
    assert answer.exit_code == 0
    told = json.loads(answer.stdout.strip().splitlines()[-1])
    assert {"Catoni narrow", "MRCD log spread"} <= {row["estimator"] for row in told["rows"]}
    page = (tmp_path / "new" / "curves.html").read_text()
    assert 'src="http' not in page
    assert "Bias by share of far rows" in page
    assert not list((tmp_path / "new").glob("*.part"))
