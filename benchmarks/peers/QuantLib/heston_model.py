# SPDX-License-Identifier: MIT
"""Heston's model in QuantLib: flat zero rates, one unit of the forward."""

from __future__ import annotations

from typing import Any

import QuantLib as ql


def model_of(x: dict[str, Any], nodes: int, start: tuple[float, ...]) -> tuple[Any, list[Any]]:
    """A model (v0, kappa, theta, sigma, rho) and one helper per option, in whole days."""
    today = ql.Date(23, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    one = ql.QuoteHandle(ql.SimpleQuote(1.0))
    model = ql.HestonModel(ql.HestonProcess(flat, flat, one, *start))
    engine = ql.AnalyticHestonEngine(model, nodes)
    helpers = []
    for f, k, t, vol in zip(x["forward"], x["strike"], x["years"], x["vol"], strict=True):
        helper = ql.HestonModelHelper(
            ql.Period(round(t * 365), ql.Days), ql.NullCalendar(), 1.0, float(k / f),
            ql.QuoteHandle(ql.SimpleQuote(float(vol))), flat, flat,
            ql.BlackCalibrationHelper.PriceError,
        )  # fmt: skip
        helper.setPricingEngine(engine)
        helpers.append(helper)
    return model, helpers
