# SPDX-License-Identifier: MIT
"""Volatility surface of a chain: its smiles over the quotes, the map, and the densities."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, finish
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
    surface, chain, _ = _fitted(tables)
    figure = pictures.smiles(surface, chain)
    title = f"Implied volatility by strike: {figure.layout.title.text}"
    return figure.update_layout(title=title)


def _map(tables: Tables) -> Any:
    surface, _, note = _fitted(tables)
    figure = pictures.surface_map(surface)
    return finish(figure, "Implied volatility between the quoted strikes", note, height=720)


def _densities(tables: Tables) -> Any:
    surface, _, _ = _fitted(tables)
    return pictures.densities(surface)


SMILES = Picture("smiles", "smiles of every expiry over their quotes", ("chain",), _smiles)
SURFACE = Picture("surface", "map of implied volatility by strike and expiry", ("chain",), _map)
DENSITIES = Picture("densities", "risk-neutral density of every expiry", ("chain",), _densities)
