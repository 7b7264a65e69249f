# SPDX-License-Identifier: MIT
"""Seeded synthetic inputs that every benchmark script, ours and the peers', reads from disk.

Bars come from a geometric random walk. Book data comes from a zero-intelligence order book: limit
orders, cancellations and market orders arrive at random, so the stream is a book that could have
happened (never crossed, every trade followed by the matching decrease of the level it hit)
without pretending to be a market.

    python benchmarks/inputs.py [--quick] [W1 W2 ...]

`--quick` writes inputs of about one twentieth of the size, beside the full ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import analytic_inputs

ROOT = Path(__file__).resolve().parent
WORK_DIR = ROOT / ".work"

# Raised when a generator changes, so that a cached input of the old kind is made again.
GENERATOR_VERSION = 6

START_NS = 1_577_836_800_000_000_000  # 2020-01-01T00:00:00Z
MINUTE_NS = 60_000_000_000
BAR_TICK = 0.01

BOOK_TICK = 0.1
BOOK_LOT = 0.001
KIND_TRADE = 1
KIND_DELTA = 2

Columns = dict[str, npt.NDArray[np.generic]]


def inputs_dir(quick: bool) -> Path:
    """Where the inputs of this size are kept."""
    return WORK_DIR / "inputs" / ("quick" if quick else "full")


# --------------------------------------------------------------------------------------- bars


def make_bars(n_bars: int, seed: int) -> Columns:
    """One-minute bars of a geometric random walk, prices on a 0.01 grid.

    The open differs from the close before it: a fill at the next bar's open must be tellable
    from a fill at the deciding bar's close.
    """
    rng = np.random.default_rng(seed)
    gap = rng.normal(0.0, 0.00005, n_bars)
    body = rng.normal(0.0, 0.0002, n_bars)
    log_close = np.log(1000.0) + np.cumsum(gap + body)
    close = np.exp(log_close)
    open_ = np.exp(log_close - body)
    wick_up = np.abs(rng.normal(0.0, 0.0001, n_bars))
    wick_down = np.abs(rng.normal(0.0, 0.0001, n_bars))
    high = np.maximum(open_, close) * np.exp(wick_up)
    low = np.minimum(open_, close) * np.exp(-wick_down)
    prices = {
        name: np.round(np.round(values / BAR_TICK) * BAR_TICK, 2)
        for name, values in (("open", open_), ("high", high), ("low", low), ("close", close))
    }
    volume = np.round(rng.lognormal(4.5, 0.8, n_bars) + 10.0, 3)
    ts_ns = START_NS + MINUTE_NS * np.arange(n_bars, dtype=np.int64)
    return {"ts_ns": ts_ns, **prices, "volume": volume}


def ema_pairs(count: int) -> npt.NDArray[np.int32]:
    """`count` (fast, slow) spans: 40 fast ones times as many slow ones as that needs."""
    pairs = [(fast, slow) for slow in range(50, 10_000, 10) for fast in range(5, 45)]
    return np.array(pairs[:count], dtype=np.int32)


# --------------------------------------------------------------------------------------- book


@dataclass(frozen=True)
class BookSpec:
    """Size and tempo of one zero-intelligence stream."""

    deltas: int
    trades: int
    mean_gap_ns: int
    seed: int
    snapshot_levels: int = 500


class _Side:
    """Quantities of one side by tick, and its best tick."""

    def __init__(self, span: int, best: int, sign: int, quantities: list[int]) -> None:
        self.qty = [0] * span
        self.sign = sign  # +1: bids (better is higher), -1: asks (better is lower)
        self.best = best
        self.levels = len(quantities)
        for depth, quantity in enumerate(quantities):
            self.qty[best - sign * depth] = quantity

    def set(self, tick: int, quantity: int) -> None:
        """Write a level's new total and keep `best` right."""
        self.levels += bool(quantity) - bool(self.qty[tick])
        self.qty[tick] = quantity
        if quantity:
            if (tick - self.best) * self.sign > 0:
                self.best = tick
        elif tick == self.best:
            step = self.sign
            tick -= step
            while not self.qty[tick]:
                tick -= step
            self.best = tick


# A side is never cancelled, nor traded, below this many levels.
_MIN_LEVELS = 30
_SPAN = 400_000
_MID = 200_000
_TICK_OFFSET = 100_000 - _MID  # the middle of the array is the price of 10,000.0


def generate_book(spec: BookSpec) -> Columns:
    """Columns of one stream: the snapshot's deltas first, then `deltas` deltas and the trades.

    A trade and the delta that takes its quantity off the book carry the same time stamp.
    """
    rng = np.random.default_rng(spec.seed)
    n = spec.deltas
    first = [int(q) for q in rng.lognormal(6.5, 0.8, 2 * spec.snapshot_levels) + 1]
    bids = _Side(_SPAN, _MID, 1, first[: spec.snapshot_levels])
    asks = _Side(_SPAN, _MID + 1, -1, first[spec.snapshot_levels :])

    # Exactly `trades` of the n steps are market orders, spread evenly at random.
    is_trade = np.zeros(n, dtype=bool)
    is_trade[rng.permutation(n)[: spec.trades]] = True
    trade_steps = is_trade.tolist()
    on_bid = (rng.random(n) < 0.5).tolist()
    adds = (rng.random(n) < 0.55).tolist()
    depth = np.minimum(np.floor(rng.pareto(0.9, n) * 1.5), 60).astype(np.int64).tolist()
    # Market orders are smaller than limit orders, or the spread would blow out at once.
    log_size = np.where(is_trade, rng.normal(3.5, 1.2, n), rng.normal(5.5, 1.0, n))
    size = (np.exp(log_size).astype(np.int64) + 1).tolist()
    whole = (rng.random(n) < 0.2).tolist()
    part = rng.random(n).tolist()
    ts = START_NS + np.cumsum(rng.exponential(spec.mean_gap_ns, n).astype(np.int64) + 1)

    kind_col: list[int] = []
    step_col: list[int] = []
    flag_col: list[int] = []
    tick_col: list[int] = []
    qty_col: list[int] = []

    def emit(step: int, kind: int, flag: int, tick: int, quantity: int) -> None:
        step_col.append(step)
        kind_col.append(kind)
        flag_col.append(flag)
        tick_col.append(tick)
        qty_col.append(quantity)

    for level in range(spec.snapshot_levels):
        for side, flag in ((bids, 1), (asks, 0)):
            tick = side.best - side.sign * level
            emit(-1, KIND_DELTA, flag, tick, side.qty[tick])

    for step in range(n):
        bid_turn = on_bid[step]
        side, other = (bids, asks) if bid_turn else (asks, bids)
        flag = 1 if bid_turn else 0
        if trade_steps[step]:
            tick = side.best
            taken = min(size[step], side.qty[tick])
            if side.levels <= _MIN_LEVELS and side.qty[tick] > 1:
                taken = min(taken, side.qty[tick] - 1)
            # A trade that hits a bid is a sale: the taker bought when the ask side was hit.
            emit(step, KIND_TRADE, 1 - flag, tick, taken)
            side.set(tick, side.qty[tick] - taken)
        elif adds[step] or side.levels <= _MIN_LEVELS:
            tick = other.best - side.sign * (1 + depth[step])
            side.set(tick, side.qty[tick] + size[step])
        else:
            tick = side.best - side.sign * depth[step]
            while not side.qty[tick]:
                tick += side.sign  # ends at the best level at the latest
            held = side.qty[tick]
            gone = held if whole[step] else max(1, int(held * part[step]))
            side.set(tick, held - gone)
        emit(step, KIND_DELTA, flag, tick, side.qty[tick])

    steps = np.array(step_col, dtype=np.int64)
    return {
        "ts_ns": np.where(steps < 0, START_NS, ts[np.maximum(steps, 0)]),
        "kind": np.array(kind_col, dtype=np.uint8),
        "is_bid": np.array(flag_col, dtype=np.uint8),
        "px_ticks": (np.array(tick_col, dtype=np.int64) + _TICK_OFFSET).astype(np.int32),
        "qty_lots": np.array(qty_col, dtype=np.int64),
        "n_snapshot": np.array(2 * spec.snapshot_levels, dtype=np.int64),
    }


# ------------------------------------------------------------------------------- Binance wire


def _price_text(ticks: int) -> str:
    return f"{ticks // 10}.{ticks % 10}0"


def _qty_text(lots: int) -> str:
    return f"{lots // 1000}.{lots % 1000:03d}00"


def binance_snapshot(book: Columns, last_update_id: int) -> str:
    """The REST snapshot that precedes the stream, as Binance words it."""
    n = int(book["n_snapshot"])
    sides: dict[int, list[list[str]]] = {0: [], 1: []}
    rows = zip(
        book["is_bid"][:n].tolist(),
        book["px_ticks"][:n].tolist(),
        book["qty_lots"][:n].tolist(),
        strict=True,
    )
    for is_bid, ticks, lots in rows:
        sides[is_bid].append([_price_text(ticks), _qty_text(lots)])
    body = {"lastUpdateId": last_update_id, "bids": sides[1], "asks": sides[0]}
    return json.dumps(body, separators=(",", ":"))


def binance_messages(book: Columns, last_update_id: int) -> Iterator[str]:
    """Combined-stream text: an aggTrade as it happens, a depthUpdate for every 100 ms."""
    n = int(book["n_snapshot"])
    window_ns = 100_000_000
    window_end = START_NS + window_ns
    update_id = last_update_id
    first_id = update_id + 1
    trade_id = 1
    pending: dict[tuple[int, int], int] = {}
    rows = zip(
        *(book[name][n:].tolist() for name in ("ts_ns", "kind", "is_bid", "px_ticks", "qty_lots")),
        strict=True,
    )
    for ts, kind, flag, ticks, lots in rows:
        while ts >= window_end:
            if pending:
                yield _depth_update(window_end // 1_000_000, first_id, update_id, pending)
                pending.clear()
                first_id = update_id + 1
            window_end += window_ns
        if kind == KIND_TRADE:
            yield _agg_trade(ts // 1_000_000, trade_id, flag, ticks, lots)
            trade_id += 1
        else:
            update_id += 1
            pending[flag, ticks] = lots


def _depth_update(ms: int, first: int, last: int, levels: dict[tuple[int, int], int]) -> str:
    sides: dict[int, list[list[str]]] = {0: [], 1: []}
    for (flag, ticks), lots in levels.items():
        sides[flag].append([_price_text(ticks), _qty_text(lots)])
    data = {"e": "depthUpdate", "E": ms, "s": "BTCUSDT", "U": first, "u": last}
    message = {"stream": "btcusdt@depth@100ms", "data": {**data, "b": sides[1], "a": sides[0]}}
    return json.dumps(message, separators=(",", ":"))


def _agg_trade(ms: int, trade_id: int, taker_buy: int, ticks: int, lots: int) -> str:
    data = {
        "e": "aggTrade",
        "E": ms,
        "s": "BTCUSDT",
        "a": trade_id,
        "p": _price_text(ticks),
        "q": _qty_text(lots),
        "f": trade_id,
        "l": trade_id,
        "T": ms,
        "m": not taker_buy,
        "M": True,
    }
    return json.dumps({"stream": "btcusdt@aggTrade", "data": data}, separators=(",", ":"))


# ------------------------------------------------------------------------------ one per workload


def _save_columns(folder: Path, columns: Columns) -> None:
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", values)


def _make_w1(folder: Path, quick: bool) -> None:
    _save_columns(folder, make_bars(50_000 if quick else 1_000_000, seed=1))


def _make_w2(folder: Path, quick: bool) -> None:
    scale = 20 if quick else 1
    spec = BookSpec(2_000_000 // scale, 500_000 // scale, mean_gap_ns=10_000_000, seed=2)
    np.savez(folder / "book.npz", **generate_book(spec))


def _make_w3(folder: Path, quick: bool) -> None:
    _save_columns(folder, make_bars(20_000 if quick else 200_000, seed=3))
    np.save(folder / "pairs.npy", ema_pairs(100 if quick else 1_000))


def _make_w4(folder: Path, quick: bool) -> None:
    spec = BookSpec(250_000 if quick else 5_000_000, 0, mean_gap_ns=2_000_000, seed=4)
    np.savez(folder / "book.npz", **generate_book(spec))


def _make_w5(folder: Path, quick: bool) -> None:
    wanted = 10_000 if quick else 200_000
    # About 43 deltas and 2.5 trades a window; made a tenth too long, then cut to the count.
    steps = wanted * 16
    spec = BookSpec(steps, steps // 20, mean_gap_ns=2_000_000, seed=5)
    book = generate_book(spec)
    last_update_id = 1_000_000
    (folder / "snapshot.json").write_text(binance_snapshot(book, last_update_id))
    written = 0
    with (folder / "messages.jsonl").open("w") as out:
        for message in binance_messages(book, last_update_id):
            out.write(message + "\n")
            written += 1
            if written == wanted:
                return
    raise RuntimeError(f"only {written} messages out of {wanted}: the stream is too short")


MAKERS: dict[str, Callable[[Path, bool], None]] = {
    "W1": _make_w1,
    "W2": _make_w2,
    "W3": _make_w3,
    "W4": _make_w4,
    "W5": _make_w5,
}
EVERY = (*MAKERS, *analytic_inputs.MAKERS)


def _digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a workload's files, in order of name."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.name == "manifest.json":
            continue
        whole.update(path.name.encode())
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                whole.update(chunk)
    return whole.hexdigest()


def prepare(workload: str, quick: bool) -> tuple[Path, str]:
    """Make one workload's input unless it is cached; returns its folder and its SHA-256."""
    folder = inputs_dir(quick) / workload
    manifest = folder / "manifest.json"
    if manifest.exists():
        known = json.loads(manifest.read_text())
        if known.get("generator") == GENERATOR_VERSION:
            return folder, str(known["sha256"])
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    if workload in MAKERS:
        MAKERS[workload](folder, quick)
    else:
        analytic_inputs.make(workload, folder, quick)
    digest = _digest(folder)
    manifest.write_text(json.dumps({"generator": GENERATOR_VERSION, "sha256": digest}))
    return folder, digest


def main(argv: list[str] | None = None) -> int:
    """Make the inputs named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Make the benchmark inputs.")
    parser.add_argument("workloads", nargs="*", metavar="W", help=f"of {', '.join(EVERY)}")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    for workload in args.workloads or EVERY:
        folder, digest = prepare(workload, args.quick)
        print(f"{workload} {digest[:16]} {folder.relative_to(ROOT.parent)}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
