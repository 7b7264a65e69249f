# SPDX-License-Identifier: MIT
"""Pictures of surfaces and regimes show what was computed, and only where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.analytics.regimes.pictures import regime_ribbon
from seawall.analytics.surface import pictures, surface_fit
from seawall.analytics.surface.chain import Chain
from seawall.analytics.surface.surface import VolSurface
from seawall.analytics.surface.svi import Svi
from seawall.model.errors import ResearchError


@pytest.fixture(scope="module")
def chain() -> Chain:
    k = np.tile(np.linspace(-0.4, 0.5, 11), 3)
    years = np.repeat([0.05, 0.2, 0.5], 11)
    forward = np.repeat([100.0, 101.0, 103.0], 11)
    vol = np.concatenate([
        np.sqrt(Svi(0.01 * t, 0.4 * t, -0.3, 0.0, 0.5).variance(k[:11]) / t)
        for t in (0.05, 0.2, 0.5)
    ])  # fmt: skip
    call = np.where(k > 0, 1.0, -1.0)
    none = np.full(33, np.nan)
    return Chain(forward, forward * np.exp(k), years, call, vol, vol - 0.01, vol + 0.02, none)


@pytest.fixture(scope="module")
def surface(chain: Chain) -> VolSurface:
    return surface_fit.fit(*chain.rows)


def test_each_expiry_has_its_chart_with_its_quotes_and_spreads(
    chain: Chain, surface: VolSurface
) -> None:
    figure = pictures.smiles(surface, chain)
    marks = [t for t in figure.data if t.mode == "markers"]
    assert len(marks) == 3
    for i, trace in enumerate(marks):
        rows = slice(11 * i, 11 * i + 11)
        np.testing.assert_allclose(trace.x, chain.strike[rows])
        np.testing.assert_allclose(trace.y, 100 * chain.vol[rows])
        np.testing.assert_allclose(trace.error_y.array, 2.0)
        np.testing.assert_allclose(trace.error_y.arrayminus, 1.0)
    text = " ".join(a.text for a in figure.layout.annotations)
    assert "18 days" in text
    assert "forward 103" in text
    assert f"{surface.rows} options" in figure.layout.title.text


def test_the_map_is_empty_beyond_the_quoted_strikes(surface: VolSurface) -> None:
    (trace,) = pictures.surface_map(surface).data
    grid, x = np.array(trace.z, dtype=float), np.array(trace.x)
    middle = int(np.argmin(np.abs(x)))
    known = grid[:, middle]
    assert np.isfinite(known).all()
    want = 100 * np.sqrt(surface.variance(0.0, surface.years[0]) / surface.years[0])
    assert known[0] == pytest.approx(float(want), rel=0.02)
    inside = np.isfinite(grid[0])
    width = np.sqrt(float(surface.variance(0.0, surface.years[0])))
    low, high = surface.reach[0]
    np.testing.assert_array_equal(inside, (x >= low / width) & (x <= high / width))


def test_one_density_per_expiry_stands_on_its_own_line(surface: VolSurface) -> None:
    figure = pictures.densities(surface)
    assert len(figure.data) == 3
    for i, trace in enumerate(figure.data):
        assert min(trace.y) >= i
        assert max(trace.y) == pytest.approx(i + 1.6)
        assert trace.y[0] == trace.y[-1] == i
        assert pictures.SHOWN[0] <= min(trace.x)
        assert max(trace.x) <= pictures.SHOWN[1] * (1.0 + 1e-12)


def test_the_ribbon_shows_each_row_in_the_colour_of_its_regime() -> None:
    n = 300
    ts = np.arange(n) * 3_600 * 10**9
    price = np.linspace(100.0, 200.0, n)
    probability = np.zeros((n, 4))
    probability[:200, 0] = 1.0
    probability[200:, 3] = 1.0
    figure = regime_ribbon(ts, price, probability, np.ones(n))
    by_name = {t.name: t for t in figure.data if t.stackgroup is None and t.name}
    assert np.isfinite(by_name["calm"].y[:200]).all()
    assert np.isnan(by_name["calm"].y[201:]).all()
    assert np.isfinite(by_name["crisis"].y[200:]).all()
    assert np.isnan(by_name["normal"].y).all()
    long = regime_ribbon(np.arange(50_000), np.ones(50_000), np.ones((50_000, 1)), np.ones(50_000))
    assert all(len(t.x) <= 4_600 for t in long.data)
    with pytest.raises(ResearchError):
        regime_ribbon(ts, price[1:], probability, np.ones(n))
