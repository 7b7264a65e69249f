# SPDX-License-Identifier: MIT
"""Where ``seawall analytics run`` reads from: a file, the catalogue, or a simulated market."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seawall.cli.output import progress
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

    from seawall.analytics.spec import Analytic, Result


AUTO = "auto"
"""In place of a number of seconds: as many as the analytic needs."""


def of_file(file: Path, quotes: Path | None, bar_s: float, days: float) -> pl.DataFrame:
    """Table of a file, with the mids of a file of quotes, or as bars made of its trades.

    An option chain becomes the tradable options of its last moment; ``days`` above 0 takes
    the expiry that is nearest to it.
    """
    import polars as pl

    from seawall.analytics.from_market import bars_of
    from seawall.analytics.plot.files import role_of
    from seawall.analytics.spec import Analytic
    from seawall.analytics.tables import columns_of, join_mid, read_table, stamps

    table = read_table(file)
    if role_of(table) == "chain" and "forward" not in table.columns:
        return _chain(table, file, days)
    if quotes is not None:
        table = join_mid(table, read_table(quotes))
    if not bar_s:
        return table
    wanted = Analytic("bars", "tables", ("price", "qty", "side"), "")
    columns = columns_of(wanted, table)
    mid = {"mid": table["mid"]} if "mid" in table.columns else {}
    return bars_of(pl.DataFrame({"ts": stamps(table), **columns, **mid}), bar_s)


def _chain(table: pl.DataFrame, file: Path, days: float) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    from seawall.analytics.plot.options import chain_of

    chain, _ = chain_of(table, str(file))
    if days > 0.0:
        expiries = np.unique(chain.years)
        nearest = expiries[np.argmin(np.abs(365.0 * expiries - days))]
        chain = chain.take(chain.years == nearest)
    return pl.DataFrame(chain.columns)


def of_catalogue(
    root: Path, symbol: str, venue: str, analytic: Analytic, bar_s: float
) -> pl.DataFrame:
    """Table of a series of a catalogue; several symbols, by commas, make a panel."""
    import polars as pl

    from seawall.analytics.from_market import instrument_of, table_of
    from seawall.analytics.from_markets import JOINT, joint_table
    from seawall.data.catalogue.catalogue import Catalogue, Select

    symbols = [s.strip() for s in symbol.split(",") if s.strip()]
    catalogue = Catalogue(root)
    held = {(e.venue, e.symbol) for e in catalogue.list()}
    picks = sorted((v, s) for v, s in held if venue in ("", v) and (s in symbols or not symbols))
    if not picks:
        raise SettingsError(
            f"no series of {symbol or 'any symbol'} at {venue or 'any venue'}",
            where=str(root),
            mend="`seawall data list` shows what there is",
        )
    if JOINT & set(analytic.inputs):
        market = catalogue.market([Select(v, s) for v, s in picks])
        chosen = [i for s in symbols for i in market.instruments if i.symbol == s]
        return joint_table(market, analytic.inputs, chosen)
    if "returns" not in analytic.inputs:
        v, s = picks[0]
        market = catalogue.market([Select(v, s)])
        mine, levels = instrument_of(market, s, v), analytic.need.levels
        return table_of(market, mine, analytic.inputs, bar_s=bar_s or 1.0, levels=levels)
    frames = []
    for v, s in picks:
        market = catalogue.market([Select(v, s)])
        one = table_of(market, instrument_of(market, s, v), ("close",), bar_s=bar_s or 60.0)
        frames.append(one.select(pl.lit(s).alias("symbol"), "ts", "close"))
    return pl.concat(frames)


def of_simulation(
    length: str, seed: int, symbol: str, venue: str, analytic: Analytic, bar_s: float, days: float
) -> tuple[pl.DataFrame, str]:
    """Table of a market that is simulated now, and what it was.

    Parameters
    ----------
    length : str
        Seconds, or ``auto`` for as many as the analytic needs.
    seed : int
        Of the simulated market.
    symbol, venue : str
        Instrument, where there is a choice.
    analytic : Analytic
        What will read it.
    bar_s, days : float
        Length of bars, and expiry of a chain; 0 leaves both to the analytic.
    """
    from seawall.analytics.simulated import Asked, Simulation, draw

    asked = Asked(_seconds(length), symbol, venue, bar_s, days)
    drawn = draw(Simulation(seed, progress), analytic, asked)
    return drawn.table, drawn.origin


def _seconds(length: str) -> float:
    try:
        seconds = 0.0 if length == AUTO else float(length)
    except ValueError:
        seconds = -1.0
    if length != AUTO and not 0.0 < seconds < float("inf"):
        raise SettingsError(
            f"{length!r} is no length", where="--simulated",
            mend="give seconds above 0, or auto for as many as the analytic needs",
        )  # fmt: skip
    return seconds


def streamed(analytic: Analytic, columns: dict[str, Any], params: dict[str, float]) -> Result:
    """Run event by event, as a live session would."""
    import numpy as np

    from seawall.analytics.spec import Result, Stream

    arrays = analytic.columns(columns)
    levels = max((a.shape[1] for a in arrays if a.ndim == 2), default=0)
    stream = Stream(analytic, params, levels=levels)
    n = arrays[0].shape[0]
    values = np.full((n, len(stream.outputs)), np.nan)
    with progress(f"streaming {analytic.name}", n) as advance:
        for i, row in enumerate(zip(*arrays, strict=True)):
            values[i] = stream.update(*row)
            if i % 1_000 == 999:
                advance(1_000)
    return Result(values, stream.outputs, stream.state)
