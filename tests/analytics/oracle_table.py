# SPDX-License-Identifier: MIT
"""Table of the differences that a run found, in Markdown, for the page about analytics.

``python tests/analytics/oracle_table.py differences.json`` prints it, from the file that the
plugin ``oracle_record`` wrote.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

NAMES = {
    "complexity.measures": "`sample_entropy`, `permutation_entropy`, `dfa`, `complexity`, `hjorth`",
    "complexity.hurst": "`hurst_whittle`, `rolling_hurst`",
    "garch.gjr.filter": "`garch_filter`", "garch.fit": "`garch_fit`",
    "hawkes.exp.loglik": "`hawkes_fit`, likelihood and gradient",
    "hawkes.exp.intensity": "`hawkes_intensity`", "hawkes.exp.fit": "`hawkes_fit`",
    "hawkes.exp.fit_degenerate": "`hawkes_fit`, sixty Poisson events",
    "hawkes.multi.loglik": "`hawkes_many_fit`, likelihood", "hawkes.multi.fit": "`hawkes_many_fit`",
    "hawkes.sumexp.loglik": "`hawkes_sum_fit`, likelihood",
    "hawkes.powerlaw.loglik": "`hawkes_power_fit`, likelihood",
    "hawkes.exp.stationary_moments": "Hawkes moments",
    "hawkes.multi.stationary_moments": "Hawkes moments, several types",
    "micro.vpin": "`vpin`", "micro.bvc": "`bvc`", "micro.trade_sign": "`tick_rule`, `lee_ready`",
    "micro.price_impact": "`kyle_lambda`, `hasbrouck_lambda`, `amihud`, `roll_spread`, "
    "`effective_spread`, `realised_spread`, `vwap`",
    "micro.ohlc_estimators": "`edge`, `range_volatility`",
    "micro.ofi": "`ofi`, `mlofi`, `queue_imbalance`, `weighted_mid`, `depth`, `kyle_lambda`",
    "micro.pin": "`pin`", "micro.hasbrouck_var": "`hasbrouck_var`",
    "micro.variance_ratio": "`variance_ratio`", "micro.information_share": "`price_discovery`",
    "micro.acd.eacd11": "`acd_fit`", "micro.acd.wacd11": "`acd_fit`, Weibull likelihood",
    "micro.realised": "`realised`, `jump_tests`", "micro.hayashi_yoshida": "Hayashi-Yoshida",
    "options.black76": "`black_greeks`", "options.inverse": "premiums in coin",
    "options.implied_vol": "`implied_vol`", "options.sabr.lognormal_vol": "`sabr_vol`",
    "options.risk_neutral_density": "`risk_neutral_density`", "options.sabr.fit": "`sabr_fit`",
    "options.heston.call": "`heston_price`", "options.heston.fit": "`heston_fit`",
    "regime.hmm.loglik": "`hmm_filter`, likelihood", "regime.hmm.infer": "`hmm_filter`",
    "regime.hmm.em_step": "`hmm_fit`, one step", "regime.hmm.fit": "`hmm_fit`",
    "regime.markov_switching.smooth": "`markov_switching_fit`",
    "regime.changepoints": "`pelt`", "drift.cusum": "`cusum`",
    "drift.cusum_arl": "`cusum`, run length",
    "drift.adwin": "`adwin`", "drift.page_hinkley": "`page_hinkley`", "drift.bocpd": "`bocpd`",
    "evt.gpd.fit": "`gpd`", "evt.pot.var_es": "`gpd`, quantiles",
    "evt.extremal_index": "`gpd`, extremal index", "evt.gev.fit": "`gev`",
    "tails.powerlaw.fit": "`power_law`", "tails.hill": "`hill`",
    "tails.pickands": "`hill`, Pickands",
    "tails.t_copula_lambda": "`tail_dependence`",
}  # fmt: skip
"""Analytic by the name of the reference function."""


ORACLES = {
    "complexity.measures": "brute force; antropy",
    "complexity.hurst": "exact spectrum of the noise",
    "garch.gjr.filter": "definition, scipy", "garch.fit": "arch",
    "hawkes.exp.loglik": "direct sums, 30 digits; tick",
    "hawkes.exp.intensity": "direct sums; scipy",
    "hawkes.exp.fit": "Hawkes (Omi), root of the score",
    "hawkes.exp.fit_degenerate": "Poisson likelihood as a bound",
    "hawkes.multi.loglik": "direct sums, 30 digits; hawkes-engine",
    "hawkes.multi.fit": "another optimiser, checked with tick",
    "hawkes.sumexp.loglik": "direct sums, 30 digits",
    "hawkes.powerlaw.loglik": "direct sums, 30 digits",
    "micro.bvc": "definition", "micro.trade_sign": "definition",
    "micro.price_impact": "numpy; frds", "micro.ohlc_estimators": "definitions; bidask",
    "micro.ofi": "pandas", "micro.pin": "mpmath, scipy from many starts; frds",
    "micro.hasbrouck_var": "numpy", "micro.information_share": "least squares; statsmodels near",
    "micro.acd.eacd11": "definition, scipy; arch", "micro.acd.wacd11": "definition",
    "micro.realised": "definitions", "options.black76": "40 digits; QuantLib",
    "options.inverse": "mpmath", "options.implied_vol": "roots of 40 digits; vollib",
    "options.sabr.lognormal_vol": "40 digits; QuantLib, pysabr",
    "options.sabr.fit": "scipy, nine starts; QuantLib",
    "options.heston.call": "integral of 25 digits; QuantLib",
    "options.heston.fit": "another optimiser, error by QuantLib",
    "regime.hmm.loglik": "sum over all paths", "regime.hmm.infer": "hmmlearn",
    "regime.hmm.em_step": "hmmlearn without its prior",
    "regime.hmm.fit": "EM checked with hmmlearn",
    "regime.markov_switching.smooth": "statsmodels", "regime.changepoints": "full search; ruptures",
    "drift.cusum": "definition", "drift.adwin": "river", "drift.bocpd": "definition, brute force",
    "evt.gpd.fit": "profile likelihood; R evd, scipy", "evt.pot.var_es": "closed form",
    "evt.extremal_index": "R evd", "evt.gev.fit": "scipy; R evd",
    "tails.powerlaw.fit": "brute force; powerlaw", "tails.hill": "definition",
    "tails.pickands": "definition", "tails.t_copula_lambda": "closed form",
}  # fmt: skip
"""What made the reference numbers, by reference function."""

PEERS = {
    "test_vpin_agrees_with_the_reference": ("`vpin`", "interpolated volume; vpin-lab"),
    "test_it_agrees_with_the_reference_from_the_first_value_on": ("indicators", "TA-Lib"),
    "test_it_equals_talib_over_recorded_hours": ("indicators, recorded hours", "TA-Lib"),
    "test_it_is_the_garch_of_root_durations_that_arch_fits": ("`acd_fit`", "arch, root durations"),
    "test_regressions_agree_with_statsmodels": ("`mrr` and its kin, regressions", "statsmodels"),
    "test_loadings_agree_with_those_of_statsmodels_where_the_vector_is_known":
        ("`price_discovery`, loadings", "statsmodels"),
    "test_invariance_gives_the_published_costs_of_the_benchmark_stock":
        ("`invariance`", "published costs, in bps"),
    "test_chances_of_an_up_move_are_those_of_the_paper":
        ("`fill_probability`", "published table of chances"),
    "test_chances_agree_with_the_spectrum_of_the_queues":
        ("`fill_probability`", "spectrum of the chain"),
    "test_kaplan_and_meier_agree_with_statsmodels": ("`kaplan_meier`", "statsmodels"),
    "test_weibull_agrees_with_scipy_and_is_no_worse": ("`weibull`", "scipy"),
    "test_cox_agrees_with_statsmodels": ("`cox`", "statsmodels"),
    "test_integrated_flow_learns_the_component_that_an_eigen_solver_finds":
        ("`integrated_ofi`", "eigen solver"),
    "test_sabr_gives_the_published_values": ("`sabr_vol`", "published values"),
    "test_every_volatility_of_the_published_cube_is_reproduced":
        ("`sabr_vol`", "published swaption cube, vols in %"),
    "test_a_fit_finds_the_published_smile": ("`sabr_fit`", "published smile"),
    "test_published_prices": ("`heston_price`", "published prices"),
    "test_the_published_two_state_example": ("`hmm_filter`", "published example"),
    "test_bocpd_gives_the_published_run_lengths_and_a_constant_mass_of_zero":
        ("`bocpd`", "published run lengths"),
    "test_the_stream_equals_the_conditional_volatility_of_arch": ("`garch_filter`", "arch"),
    "test_the_published_smile_has_the_published_jump_wings_and_a_negative_density":
        ("`svi_fit`, jump wings", "published smile"),
    "test_a_density_agrees_with_forty_digits": ("`risk_neutral_density`", "40 digits"),
}  # fmt: skip
"""Analytic and reference by the test that compares arrays itself."""

HEADS = ("analytic", "oracle", "compared", "tolerance", "largest difference")


def lines(rows: list[dict[str, Any]]) -> list[str]:
    """Lines of the table: one per reference function or test."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        test = row["test"].partition("::")[2].partition("[")[0]
        if row["what"] in NAMES:
            groups.setdefault((NAMES[row["what"]], ORACLES.get(row["what"], "")), []).append(row)
        elif row["what"] not in NAMES and row["output"] == "" and test in PEERS:
            groups.setdefault(PEERS[test], []).append(row)
    places = [*NAMES.values(), *(name for name, _ in PEERS.values())]
    order = sorted(groups, key=lambda key: (places.index(key[0]), key[1]))
    return [_line(key, groups[key]) for key in order]


def _line(key: tuple[str, str], rows: list[dict[str, Any]]) -> str:
    bounds = [r for r in rows if r["rule"] in ("le", "ge")]
    close = [r for r in rows if r["rule"] == "close"]
    equal = [r for r in rows if r["rule"] == "exact"]
    names = sorted({r["output"] for r in (*close, *equal) if r["output"]}) or ["values"]
    compared = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    worst = max(close, key=lambda r: r["used"], default=None)
    words = [tolerance(worst)] if worst else []
    words += ["equal"] if equal else []
    gap = [difference(worst)] if worst else []
    gap += ["equal"] if equal else []
    if bounds:
        compared += "; optimum " + ", ".join(sorted({r["output"] for r in bounds}))
        gap.append("optimum no worse")
    cells = (key[0], key[1], compared, "; ".join(words) or "bound", "; ".join(gap))
    return "| " + " | ".join(cells) + " |"


def tolerance(row: dict[str, Any]) -> str:
    """Tolerance of a row in words."""
    size = ((row["rtol"], "relative"), (row["atol"], "absolute"))
    return " + ".join(f"{v:.1e} {w}" for v, w in size if v > 1e-200).replace(".0e", "e") or "0"


def difference(row: dict[str, Any]) -> str:
    """Largest difference of a row, in the measure of its tolerance."""
    if row["absolute"] == 0.0:
        return "0"
    if row["rtol"] == 0.0 or row["atol"] > 1e-5:
        return f"{row['absolute']:.1e} absolute"
    return f"{row['relative']:.1e} relative"


def main() -> None:
    """Print the table of a file."""
    rows = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|")
    print("\n".join(lines(rows)))


if __name__ == "__main__":
    main()
