# SPDX-License-Identifier: MIT
"""An independent reading of Binance's messages, slow and plain, to judge the decoder by."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from seawall.data.venues.binance import Feed

FEED = Feed("btcusdt", Decimal("0.1"), Decimal("0.001"), 0, 1, 2, 3, 4, 5)
"""One instrument: tick 0.1, lot 0.001, streams 0 depth to 5 liquidations."""


def recordings() -> Path:
    """Folder of real recordings; the test is skipped where there is none."""
    root = os.environ.get("SEAWALL_TEST_DATA")
    path = Path(root) if root else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not (path / "lob" / "raw").is_dir():
        pytest.skip(f"no real recordings at {path}: set SEAWALL_TEST_DATA to the data folder")
    return path / "lob"


def text(message: dict[str, Any], stream: str = "") -> bytes:
    """JSON text of a message, combined when a stream is named."""
    body = {"stream": stream, "data": message} if stream else message
    return json.dumps(body, separators=(",", ":")).encode()


def depth(
    first: int, last: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]],
    *, prev: int | None = None, ms: int = 1_700_000_000_000,
) -> bytes:  # fmt: skip
    """Text of a depth message; with ``prev`` it is a futures one."""
    body: dict[str, Any] = {"e": "depthUpdate", "E": ms, "s": "BTCUSDT", "U": first, "u": last}
    if prev is not None:
        body["pu"] = prev
    body["b"] = [list(level) for level in bids]
    body["a"] = [list(level) for level in asks]
    return text(body)


def snapshot(update_id: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> bytes:
    """Text of a REST snapshot, which names no symbol."""
    return text(
        {
            "lastUpdateId": update_id,
            "bids": [list(level) for level in bids],
            "asks": [list(level) for level in asks],
        }
    )


class PlainBook:
    """Two dictionaries, fed with event records."""

    def __init__(self) -> None:
        self.sides: tuple[dict[int, int], dict[int, int]] = ({}, {})  # asks, bids
        self.gapped = False

    def apply(self, kind: int, flags: int, px: int, qty: int) -> None:
        """Take one record (kind 2 change, 3 snapshot level, 10 status)."""
        if kind == 10:
            self.gapped = px == 3
            return
        if kind not in {2, 3}:
            return
        if kind == 3 and flags & 4:
            self.sides = ({}, {})
            self.gapped = False
        side = self.sides[flags & 1]
        if qty:
            side[px] = qty
        else:
            side.pop(px, None)

    def top(self, n: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Best ``n`` asks and bids."""
        asks, bids = self.sides
        return sorted(asks.items())[:n], sorted(bids.items(), reverse=True)[:n]
