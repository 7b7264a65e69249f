# SPDX-License-Identifier: MIT
"""``seawall robust``: what bad rows do to the estimators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, progress, table

if TYPE_CHECKING:
    from seawall.robust.curves import Curve

app = typer.Typer(help="Measure what bad rows do to the estimators.")


@app.callback()
def robust() -> None:
    """Measure what bad rows do to the estimators."""


@app.command("curves")
def curves_command(
    out: Annotated[Path, typer.Option(help="Folder for the page of curves.")] = Path("runs/robust"),
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Measure influence and breakdown of every estimator; write a table and a page."""
    from seawall.robust.curves import SUBJECTS, curves

    with progress("estimators", len(SUBJECTS)) as advance:
        found = curves(advance=advance)
    page = write_page(found, out)
    if json:
        print_json({"rows": [c.as_dict() for c in found], "page": page})
    else:
        names = ["estimator", "largest influence", "bias at 10 %", "breaks at"]
        table(
            "What bad rows do",
            names,
            [_cells(c) for c in found],
            numeric=names[1:],
            note="200 Gaussian rows; influence of one row within 10 deviations, in deviations "
            "(of the logarithm for spreads); bias with rows at 10^6 deviations; breaks: off by "
            "100 or refused, 50 % is the most possible",
        )
    next_steps(f"open {page}")


def _cells(curve: Curve) -> tuple[str, ...]:
    row = curve.as_dict()
    return (
        curve.name,
        f"{row['influence_max']:.2f}",
        f"{row['bias_at_10_percent']:.3g}",
        f"{curve.breakdown:.0%}",
    )


def write_page(found: tuple[Curve, ...], folder: Path) -> Path:
    """Write the curves as one page that needs no network.

    Parameters
    ----------
    found : tuple of Curve
        What was measured.
    folder : Path
        Made if absent.

    Returns
    -------
    Path
        The page.
    """
    import numpy as np
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=2,
        cols=1,
        subplot_titles=("Influence of one row", "Bias by share of far rows"),
        vertical_spacing=0.12,
    )
    for number, curve in enumerate(found):
        style: dict[str, Any] = {"name": curve.name, "legendgroup": curve.name, "mode": "lines"}
        style["line"] = {"color": f"hsl({number * 360 // len(found)}, 65%, 45%)"}
        figure.add_scatter(x=curve.at, y=curve.influence, row=1, col=1, **style)
        bias = np.where(np.isfinite(curve.bias), np.maximum(curve.bias, 1e-4), np.nan)
        figure.add_scatter(x=curve.share, y=bias, row=2, col=1, showlegend=False, **style)
    figure.update_xaxes(title_text="place of the row (deviations)", row=1, col=1)
    figure.update_yaxes(title_text="n times change", row=1, col=1, range=[-12, 12])
    figure.update_xaxes(title_text="share of far rows", tickformat=".0%", row=2, col=1)
    figure.update_yaxes(title_text="bias (deviations)", type="log", row=2, col=1)
    figure.update_layout(height=1000, title="What bad rows do to the estimators")
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "curves.html"
    beside = page.with_suffix(".part")
    figure.write_html(beside, include_plotlyjs=True, div_id="curves")
    beside.replace(page)
    return page
