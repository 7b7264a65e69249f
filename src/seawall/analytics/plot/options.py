# SPDX-License-Identifier: MIT
"""Volatility surface of a chain: its smiles over the quotes, the map, and the densities."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, file_title, finish
from seawall.analytics.surface import pictures, surface_fit
from seawall.analytics.surface.chain import Chain
from seawall.analytics.surface.deribit import deribit_chain
from seawall.analytics.surface.surface import VolSurface
from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import polars as pl


def chain_of(table: pl.DataFrame, name: str = "chain") -> tuple[Chain, datetime]:
    """Tradable options of a table's last moment, and that moment.

    Raises
    ------
    FormatError
        When the table does not say of which moment it is.
    """
    if "date" in table.columns:
        at = table["date"].max()
        table = table.filter(table["date"] == at)
    elif "creation_timestamp" in table.columns:
        at = datetime.fromtimestamp(
            float(table["creation_timestamp"].cast(float).to_numpy().max()) / 1e3, UTC
        )
    else:
        at = None
    if not isinstance(at, datetime):
        raise FormatError(
            "the chain does not say of which moment it is",
            where=name,
            mend="add a column date (UTC) with the moment of the snapshot",
        )
    return deribit_chain(table, at).tradable(), at


def _fitted(tables: Tables) -> tuple[VolSurface, Chain, str]:
    chain, at = chain_of(tables["chain"], tables.names["chain"])
    surface: VolSurface = surface_fit.fit(*chain.rows)
    note = (
        f"{at:%Y-%m-%d %H:%M} UTC, {len(chain)} options, error {100 * surface.rmse:.2f} vol points"
    )
    return surface, chain, note


def _smiles(tables: Tables) -> Any:
    surface, chain, note = _fitted(tables)
    figure = pictures.smiles(surface, chain)
    title = f"Implied volatility by strike and expiry: {file_title(tables.names['chain'])}"
    note = f"{note}, worst {100 * surface.worst:.2f}; bars from bid to ask; pale: beyond the quotes"
    return finish(figure, title, note, height=figure.layout.height + 60)


def _map(tables: Tables) -> Any:
    surface, _, note = _fitted(tables)
    figure = pictures.surface_map(surface)
    title = f"Implied volatility between the quoted strikes: {file_title(tables.names['chain'])}"
    return finish(figure, title, note, height=720)


def _densities(tables: Tables) -> Any:
    surface, _, note = _fitted(tables)
    figure = pictures.densities(surface)
    title = f"What the options say of the price at expiry: {file_title(tables.names['chain'])}"
    return finish(
        figure, title, f"{note}; risk-neutral densities, each to its own height",
        height=max(600, figure.layout.height + 60),
    )  # fmt: skip


SMILES = Picture("smiles", "smiles of every expiry over their quotes", ("chain",), _smiles)
SURFACE = Picture("surface", "map of implied volatility by strike and expiry", ("chain",), _map)
DENSITIES = Picture("densities", "risk-neutral density of every expiry", ("chain",), _densities)
