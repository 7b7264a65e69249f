# SPDX-License-Identifier: MIT
"""Smiles and surfaces of recorded option chains, SABR and Heston beside QuantLib.

    SEAWALL_TEST_DATA=DIR python benchmarks/chains.py            # a table
    SEAWALL_TEST_DATA=DIR python benchmarks/chains.py --json     # one object

The recordings are read from the folder `options` of that directory.  QuantLib has to be
installed beside this package.  It knows whole days only, so that its Heston is fitted to the
chain of the hour of expiry alone.  Errors are root mean squares, in volatility.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "peers" / "QuantLib"))

from a_heston import make as heston_task
from a_sabr import smile

from measures import sabr_rmse
from seawall.analytics.measure import machine_name
from seawall.analytics.options import heston_fit, sabr_fit
from seawall.analytics.surface import ssvi_fit, surface_fit
from seawall.analytics.surface.chain import Chain
from seawall.analytics.surface.deribit import deribit_chain

DATA = Path(os.environ.get("SEAWALL_TEST_DATA", "")) / "options"
NAMES = ("forward", "strike", "years", "vol")


@dataclass(frozen=True)
class Row:
    """One fit of one chain: seconds and error of ours, and of QuantLib where it was asked."""

    work: str
    ours_s: float
    ours_error: float
    peer_s: float | None = None
    peer_error: float | None = None


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the second lap, and what it gave."""
    work()
    began = time.perf_counter()
    got = work()
    return time.perf_counter() - began, got


def recorded() -> dict[str, Chain]:
    """The three chains, with what can be traded of them."""
    import polars as pl

    hourly = pl.read_parquet(DATA / "deribit_btc_chain_hourly_2026-01-23.parquet")
    at = datetime(2026, 1, 23, 8, tzinfo=UTC)
    eth = pl.read_parquet(DATA / "deribit_eth_chain_2024-01-08.parquet")
    btc = pl.read_parquet(DATA / "deribit_btc_chain_2024-05-24.parquet")
    return {
        "ETH 2024-01-08": deribit_chain(
            eth, datetime.fromtimestamp(1_704_712_781.414, UTC)
        ).tradable(),
        "BTC 2024-05-24": deribit_chain(btc, datetime(2024, 5, 24, 13, 10, tzinfo=UTC)).tradable(
            quoted=False
        ),
        "BTC 2026-01-23": deribit_chain(hourly.filter(hourly["date"] == at), at).tradable(),
    }


def sabr_row(what: str, rows: tuple[np.ndarray, ...]) -> Row:
    """One smile per expiry, beta 1."""
    x = dict(zip(NAMES, rows, strict=True))
    at = [rows[2] == years for years in np.unique(rows[2])]

    def theirs() -> list[tuple[float, float, float]]:
        out = []
        for where in at:
            order = np.argsort(rows[1][where])
            k, vol = rows[1][where][order], rows[3][where][order]
            out.append(smile(float(rows[0][where][0]), k, vol, float(rows[2][where][0])))
        return out

    ours_s, fits = timed(lambda: sabr_fit.fit_expiries(*rows))
    ours = float(np.sqrt(sum(f.rmse**2 * f.strikes for f in fits) / rows[0].size))
    peer_s, got = timed(theirs)
    return Row(f"{what}: SABR", ours_s, ours, peer_s, sabr_rmse(x, got))


def heston_row(what: str, rows: tuple[np.ndarray, ...], peer: bool) -> Row:
    """The whole surface."""
    ours_s, fit = timed(lambda: heston_fit.fit(*rows))
    if not peer:
        return Row(f"{what}: Heston", ours_s, fit.rmse)
    task = heston_task(dict(zip(NAMES, rows, strict=True)))
    peer_s, got = timed(task.run)
    return Row(f"{what}: Heston", ours_s, fit.rmse, peer_s, task.numbers(got)["rmse"])


def rows_of(name: str, chain: Chain) -> list[Row]:
    """Every fit of one chain."""
    times, counts = np.unique(chain.years, return_counts=True)
    full = chain.take(np.isin(chain.years, times[counts >= 5]))
    what, out = (
        f"{name}, {len(full)} options",
        [sabr_row(f"{name}, {len(full)} options", full.rows)],
    )
    fits: dict[str, Callable[[], Any]] = {
        "SVI, a slice per expiry": lambda: surface_fit.fit(*full.rows),
        "surface SVI": lambda: ssvi_fit.fit(*full.rows),
    }
    for fit, work in fits.items():
        seconds, got = timed(work)
        out.append(Row(f"{what}: {fit}", seconds, got.rmse))
    for days in (0.0, 20.0):
        part = full.take(full.years > days / 365).rows
        whole = name.endswith("01-23")
        out.append(heston_row(f"{name}, beyond {days:.0f} days", part, whole))
    return out


def main() -> None:
    """Fit every chain and print."""
    if not DATA.is_dir():
        sys.exit("set SEAWALL_TEST_DATA to the directory that has the recorded chains")
    rows = [row for name, chain in recorded().items() for row in rows_of(name, chain)]
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine_name(), "rows": [asdict(r) for r in rows]}))
        return
    print(machine_name())
    print(f"{'':52s} {'ms':>9s} {'error':>9s}  {'QuantLib ms':>11s} {'error':>9s}")
    for r in rows:
        peer = f"  {r.peer_s * 1e3:11.2f} {r.peer_error:9.5f}" if r.peer_s is not None else ""
        print(f"{r.work:52s} {r.ours_s * 1e3:9.2f} {r.ours_error:9.5f}{peer}")


if __name__ == "__main__":
    main()
