# SPDX-License-Identifier: MIT
"""Real rows for the measures, from a folder of recordings and bars.

The folder holds ``lob/binance_usdm_<symbol>_<day>_{trades,bookticker,lob10_100ms}.parquet``,
``derivatives/btc_perp_1m_*.parquet`` (one-minute bars) and
``derivatives/funding_7venues_*.parquet``; what is absent is skipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from seawall.data.simulated.facts import measures as m
from seawall.data.simulated.facts.series import Floats, Minutes, Recording
from seawall.model.errors import CatalogueError

SHORTEST_S = 240.0
"""Recordings shorter than this are not used."""

INTEREST = 0.0001


def load_recording(folder: Path, stem: str, tick: float) -> Recording:
    """Read one recording: trades, best prices and ten levels on the receiver's clock."""
    trades = pl.read_parquet(folder / f"{stem}_trades.parquet").sort("local_ts_ns")
    if "order_type" in trades.columns:
        trades = trades.filter(pl.col("order_type") == "MARKET")
    top = pl.read_parquet(folder / f"{stem}_bookticker.parquet").sort("local_ts_ns")
    book = pl.read_parquet(folder / f"{stem}_lob10_100ms.parquet")
    names = [
        [f"bid_price_{i}", f"bid_qty_{i}", f"ask_price_{i}", f"ask_qty_{i}"] for i in range(1, 11)
    ]
    levels = np.stack([book.select(n).to_numpy() for n in names], axis=1)
    return Recording(
        trade_ts=trades["local_ts_ns"].to_numpy(),
        price=trades["price"].to_numpy(),
        qty=trades["qty"].to_numpy(),
        buy=~trades["is_buyer_maker"].to_numpy(),
        top_ts=top["local_ts_ns"].to_numpy(),
        mid=(0.5 * (top["bid_price"] + top["ask_price"])).to_numpy(),
        levels=levels,
        tick=tick,
    )


def _recordings(root: Path) -> dict[str, Recording]:
    folder = root / "lob"
    out = {}
    for path in sorted(folder.glob("binance_usdm_*_trades.parquet")):
        stem = path.name.removesuffix("_trades.parquet")
        if not (folder / f"{stem}_lob10_100ms.parquet").exists():
            continue
        rec = load_recording(folder, stem, 0.1 if "btc" in stem else 0.01)
        if (rec.top_ts[-1] - rec.top_ts[0]) / 1e9 >= SHORTEST_S:
            out[stem] = rec
    return out


def load_rows(root: Path) -> dict[str, dict[str, Floats]]:
    """Rows by source and by the recording they are from.

    Raises
    ------
    CatalogueError
        When the folder holds nothing that is known.
    """
    out: dict[str, dict[str, Floats]] = {}
    for path in sorted((root / "derivatives").glob("btc_perp_1m_*.parquet")):
        bars = pl.read_parquet(path).sort("timestamp")
        minutes = Minutes(bars["close"].to_numpy(), bars["volume"].to_numpy())
        out.setdefault("minutes", {})[path.stem] = m.minute_rows(minutes)
    recs = _recordings(root)
    for stem, rec in recs.items():
        out.setdefault("signs", {})[stem] = m.sign_rows(rec)
        out.setdefault("book", {})[stem] = m.book_rows(rec)
        out.setdefault("impact", {})[stem] = m.impact_rows(rec)
        out.setdefault("arrivals", {})[stem] = m.arrival_rows(rec)
        other = stem.replace("btcusdt", "ethusdt")
        if other != stem and other in recs:
            out.setdefault("pair", {})[stem] = m.pair_rows(rec, recs[other])
    for path in sorted((root / "derivatives").glob("funding_7venues_*.parquet")):
        rates = pl.read_parquet(path).filter(pl.col("exchange") == "binance").sort("time_utc")
        for symbol in ("BTC-USDT", "ETH-USDT"):
            mine = rates.filter(pl.col("symbol") == symbol)["funding_rate"].to_numpy()
            if len(mine):
                rows = np.round(mine / INTEREST, 9)[:, None]
                out.setdefault("funding", {})[f"{path.stem}:{symbol}"] = rows
    if not out:
        raise CatalogueError(
            "no real data for the scorecard",
            where=str(root),
            mend="point --real to a folder with lob/ and derivatives/, or leave it out",
        )
    return out
