# SPDX-License-Identifier: MIT
"""From a run straight to the engine's market, without files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.faults import clock_offset_ns
from seawall.data.simulated.frames import OPEN_INTEREST_EVERY
from seawall.model.events import BookState, EventFlag, EventKind, Events, Stream, empty_events
from seawall.model.market import Market

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket

SPOT_FEEDS = ("depth", "trades", "bookticker")
PERP_FEEDS = (*SPOT_FEEDS, "mark", "funding", "open_interest", "liquidations")


def _fill(n: int, stream: int, got: at.Array, sent: at.Array) -> Events:
    out = empty_events(n)
    out["stream"], out["ts"] = stream, got
    out["lag_us"] = np.clip((got - sent) // 1_000, 0, (1 << 32) - 1)
    out["flags"] = EventFlag.LAST
    return out


def _depth(market: SimulatedMarket, b: int, stream: int) -> Events:
    rows, got = market.feeds.depth[b], market.feeds.depth_got[b]
    out = _fill(len(rows), stream, got, rows["ts"] + market.origin_ns)
    new = np.diff(rows["seq"] * 2 + rows["snapshot"], prepend=-1) != 0
    new |= np.diff(got, prepend=-1) != 0
    last = np.append(new[1:], True)
    snapshot = rows["snapshot"] == 1
    out["kind"] = np.where(snapshot, EventKind.SNAPSHOT, EventKind.DELTA)
    out["px"], out["qty"], out["seq"] = rows["px"], rows["qty"], rows["seq"] & 0xFFFFFFFF
    out["flags"] = (
        (rows["side"] > 0) * int(EventFlag.BUY)
        | last * int(EventFlag.LAST)
        | (snapshot & new) * int(EventFlag.FIRST)
    )
    gap = np.flatnonzero(market.feeds.depth_gap[b])
    # A book is known to be wrong before the message that shows it; a snapshot mends it.
    status = _fill(len(gap), stream, got[gap], got[gap])
    status["kind"], status["px"] = EventKind.STATUS, BookState.GAPPED
    merged = np.concatenate([status, out])
    place = np.concatenate([gap * 2 - 1, np.arange(len(out)) * 2])
    sorted_: Events = merged[np.argsort(place, kind="stable")]
    return sorted_


def _trades(market: SimulatedMarket, b: int, stream: int, kind: EventKind) -> Events:
    rows, got = market.feeds.trades[b], market.feeds.trades_got[b]
    number = np.arange(1, len(rows) + 1)
    if kind == EventKind.LIQUIDATION:
        forced = rows["note"] == at.NOTE_LIQUIDATION
        rows, got, number = rows[forced], got[forced], number[forced]
    out = _fill(len(rows), stream, got, rows["ts"] + market.origin_ns)
    out["kind"], out["px"], out["qty"], out["seq"] = kind, rows["px"], rows["qty"], number
    out["flags"] |= (rows["side"] > 0).astype(np.uint8) * np.uint8(EventFlag.BUY)
    return out


def _top(market: SimulatedMarket, b: int, stream: int) -> Events:
    rows, got = market.feeds.top[b], market.feeds.top_got[b]
    out = _fill(
        2 * len(rows), stream, np.repeat(got, 2), np.repeat(rows["ts"], 2) + market.origin_ns
    )
    out["kind"], out["seq"] = EventKind.TOP, np.repeat(rows["seq"], 2) & 0xFFFFFFFF
    out["px"][0::2], out["qty"][0::2] = rows["bid"], rows["bid_qty"]
    out["px"][1::2], out["qty"][1::2] = rows["ask"], rows["ask_qty"]
    out["flags"][0::2], out["flags"][1::2] = EventFlag.BUY, EventFlag.LAST
    return out


def _slow(market: SimulatedMarket, b: int, stream: int, kind: EventKind) -> Events:
    tape, got = market.feeds.tape[b], market.feeds.tape_got[b]
    pick = tape["settled"] == (1 if kind == EventKind.FUNDING else 0)
    rows, got = tape[pick], got[pick]
    sent = rows["ts"] + market.origin_ns
    if kind == EventKind.FUNDING:
        out = _fill(len(rows), stream, sent, sent)
        out["qty"] = rows["rate"]
    elif kind == EventKind.OPEN_INTEREST:
        rows, got, sent = (x[::OPEN_INTEREST_EVERY] for x in (rows, got, sent))
        out = _fill(len(rows), stream, got, sent)
        out["qty"] = rows["oi"]
    else:
        out = _fill(2 * len(rows), stream, np.repeat(got, 2), np.repeat(sent, 2))
        out["qty"][0::2], out["qty"][1::2] = rows["mark_fp"], rows["index_fp"]
        out["kind"][0::2], out["kind"][1::2] = EventKind.MARK, EventKind.INDEX
        out["flags"][0::2] = 0
        return out
    out["kind"] = kind
    return out


def to_market(market: SimulatedMarket) -> Market:
    """Events of all streams by receive time; clock offsets are removed exactly."""
    streams: list[Stream] = []
    parts: list[Events] = []
    for b, instrument in enumerate(market.instruments):
        offset = -clock_offset_ns(market.config, int(market.world.books["venue"][b]))
        perp = bool(market.world.books["perp"][b])
        for feed in PERP_FEEDS if perp else SPOT_FEEDS:
            n = len(streams)
            streams.append(
                Stream(instrument.venue, instrument.symbol, feed, market.fingerprint[:16], offset)
            )
            parts.append(_feed(market, b, n, feed))
    events = np.concatenate(parts)
    events = events[np.argsort(events["ts"], kind="stable")]
    return Market(
        instruments=market.instruments,
        streams=tuple(streams),
        events=events,
        hashes={f"simulated:{market.config.seed}": market.fingerprint},
    )


def _feed(market: SimulatedMarket, b: int, n: int, feed: str) -> Events:
    if feed == "depth":
        return _depth(market, b, n)
    if feed == "bookticker":
        return _top(market, b, n)
    if feed == "trades":
        return _trades(market, b, n, EventKind.TRADE)
    if feed == "liquidations":
        return _trades(market, b, n, EventKind.LIQUIDATION)
    kind = {"mark": EventKind.MARK, "funding": EventKind.FUNDING}.get(feed, EventKind.OPEN_INTEREST)
    return _slow(market, b, n, kind)
