# SPDX-License-Identifier: MIT
"""Source files of a run: what a recorder would have stored, and the truth beside it.

::

    <path>/manifest.json
    <path>/feeds/<venue>_<symbol>_<kind>.parquet    canonical columns
    <path>/truth/{labels,orders,agents,value}.parquet

Every feed file says in its own metadata what it is, so one file alone can be imported.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from seawall.model.instrument import Instrument

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket

FORMAT = "seawall-simulated-1"
KEY = "seawall"


def describe(instrument: Instrument) -> dict[str, Any]:
    """Instrument as plain JSON; decimals as text."""
    return {
        "symbol": instrument.symbol,
        "venue": instrument.venue,
        "kind": int(instrument.kind),
        "tick": str(instrument.tick),
        "lot": str(instrument.lot),
        "fees": [[str(f.maker), str(f.taker), str(f.volume_min)] for f in instrument.fees],
        "funding_interval_ns": instrument.funding_interval_ns,
        "margin": [
            [str(t.notional_max), str(t.initial), str(t.maintenance), str(t.deduction)]
            for t in instrument.margin_tiers
        ],
    }


def file_name(instrument: Instrument, kind: str) -> str:
    """Name of a feed file."""
    symbol = instrument.symbol.replace("/", "-").replace(":", "_")
    return f"{instrument.venue}_{symbol}_{kind}.parquet"


def write(market: SimulatedMarket, path: Path) -> Path:
    """Write all files of a run into a folder and return it."""
    truth, feeds = path / "truth", path / "feeds"
    truth.mkdir(parents=True, exist_ok=True)
    feeds.mkdir(exist_ok=True)
    files: dict[str, int] = {}
    for (b, kind), frame in market.frames().items():
        if frame.is_empty():
            continue
        instrument = market.instruments[b]
        note = {"format": FORMAT, "kind": kind, "instrument": describe(instrument)}
        name = file_name(instrument, kind)
        frame.write_parquet(
            feeds / name, compression="lz4", statistics=False, metadata={KEY: json.dumps(note)}
        )
        files[name] = len(frame)
    market.labels().write_parquet(truth / "labels.parquet")
    market.orders().write_parquet(truth / "orders.parquet", compression="lz4", statistics=False)
    market.agents().write_parquet(truth / "agents.parquet")
    value(market).write_parquet(truth / "value.parquet")
    manifest = {
        "format": FORMAT,
        "seed": market.config.seed,
        "fingerprint": market.fingerprint,
        "config": asdict(market.config),
        "instruments": [describe(i) for i in market.instruments],
        "files": files,
    }
    (path / "manifest.json").write_text(json.dumps(manifest, indent=1, default=str) + "\n")
    return path


def value(market: SimulatedMarket) -> pl.DataFrame:
    """True value and volatility factor per asset and second."""
    firsts = {
        int(a["book_0"]): market.instruments[int(a["book_0"])].base for a in market.world.assets
    }
    tape = market.tape[(market.tape["settled"] == 0) & np.isin(market.tape["book"], list(firsts))]
    return pl.DataFrame(
        {
            "ts": tape["ts"] + market.origin_ns,
            "asset": [firsts[b] for b in tape["book"].tolist()],
            "value": tape["value"].copy(),
            "volatility": tape["vol"].copy(),
        }
    )
