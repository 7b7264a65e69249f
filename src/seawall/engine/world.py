# SPDX-License-Identifier: MIT
"""Building the world buffer from instruments, streams and settings."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from seawall.engine import layout as L
from seawall.engine.settings import EngineSettings
from seawall.model.errors import EngineError
from seawall.model.events import MARK_FP_BITS, Stream
from seawall.model.instrument import Instrument, InstrumentKind, rate_units
from seawall.model.time import parse_duration_ns

World = npt.NDArray[np.int64]
"""The world: one int64 buffer, see :mod:`seawall.engine.layout`."""

DECIMALS_MIN, DECIMALS_MAX = 8, 12
BOOK_FEEDS = ("depth",)
RING_ROWS = 1 << 14
LOG_ROWS = 1 << 16
EQUITY_ROWS = 1 << 16
RUN_ROWS = 1 << 12
FAR_LEVELS = 1 << 14


def float_bits(value: float) -> int:
    """Bits of a float64 as int64."""
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def bits_float(word: int) -> float:
    """Read the bits of an int64 as float64."""
    return float(struct.unpack("<d", struct.pack("<q", int(word)))[0])


def _mult(instrument: Instrument) -> Decimal:
    """Value of one tick and lot, or of one lot times ticks for inverse; settle currency."""
    size = instrument.lot * instrument.contract_size
    if instrument.kind is InstrumentKind.INVERSE:
        return size / instrument.tick
    return size * instrument.tick


def money_decimals(instruments: Sequence[Instrument]) -> int:
    """Decimal places of money at which every tick times lot is whole.

    Raises
    ------
    EngineError
        When more than 12 places would be needed.
    """
    for places in range(DECIMALS_MIN, DECIMALS_MAX + 1):
        scale = Decimal(10) ** places
        wholes = [_mult(i) * scale for i in instruments]
        wholes += [i.lot * scale for i in instruments if i.kind is InstrumentKind.SPOT]
        if all(x == x.to_integral_value() and x > 0 for x in wholes):
            return places
    worst = min(instruments, key=_mult)
    raise EngineError(
        f"tick {worst.tick} times lot {worst.lot} of {worst.symbol} needs more than "
        f"{DECIMALS_MAX} decimals of money",
        where=f"{worst.venue} {worst.symbol}",
        mend="give the instrument a coarser tick or lot",
    )


def currencies_of(instruments: Sequence[Instrument], settings: EngineSettings) -> list[str]:
    """Currencies of a run, the report currency first."""
    first = instruments[0]
    report = settings.account.report_currency or (
        first.quote if first.kind is InstrumentKind.INVERSE else first.settle
    )
    names = [report]
    for i in instruments:
        names += [i.settle, i.quote]
        if i.kind is InstrumentKind.SPOT or i.kind is InstrumentKind.INVERSE:
            names.append(i.base)
    names += [name for name, _ in settings.account.deposits]
    return list(dict.fromkeys(names))


def _converter(currency: str, report: str, instruments: Sequence[Instrument]) -> int:
    """Index of the instrument that prices a currency, the nearest to the report first."""
    candidates = [n for n, i in enumerate(instruments) if i.base == currency]
    candidates.sort(key=lambda n: (instruments[n].quote != report, instruments[n].kind))
    return candidates[0] if candidates else -2


class _Layout:
    """Hands out consecutive blocks of the buffer."""

    def __init__(self) -> None:
        self.size = L.HEADER

    def block(self, words: int) -> int:
        offset = self.size
        self.size += words
        return offset


def _book_ticks(instrument: Instrument, settings: EngineSettings, price: int) -> int:
    if settings.book_ticks:
        return settings.book_ticks
    # One percent of the price on either side of the touch, at least 2,048 ticks.
    wanted = max(4096, min(price // 25, 1 << 17))
    return 1 << (wanted - 1).bit_length()


def build_world(
    instruments: Sequence[Instrument],
    streams: Sequence[Stream],
    instrument_of_stream: Sequence[int],
    settings: EngineSettings,
    *,
    bar_streams: Sequence[int] = (),
    price_hint: int = 0,
    user_words: int = 0,
    equity_rows: int = EQUITY_ROWS,
    log_rows: int = LOG_ROWS,
) -> World:
    """Make the buffer and fill in header, instruments, currencies and tiers.

    Parameters
    ----------
    instruments, streams, instrument_of_stream
        From :class:`~seawall.model.market.Market`.
    settings : EngineSettings
        Frozen settings of the run.
    bar_streams : sequence of int
        Streams that are bars; instruments that have only those are matched on bars.
    price_hint : int
        A price in ticks, to choose the window of books.
    user_words : int
        Words that a compiled strategy asks for.
    equity_rows : int
        Rows of the equity log between drains.
    log_rows : int
        Rows of the logs of orders and fills between drains.
    """
    names = currencies_of(instruments, settings)
    decimals = money_decimals(instruments)
    with_book = {instrument_of_stream[n] for n, s in enumerate(streams) if s.feed in BOOK_FEEDS}
    ticks = max((_book_ticks(instruments[i], settings, price_hint) for i in with_book), default=64)
    book_size = L.BOOK_HEAD + 2 * (ticks + (ticks >> 6) + 2 * FAR_LEVELS)
    tiers = [t for i in instruments for t in i.margin_tiers]
    fees = [t for i in instruments for t in i.fees]
    lay = _Layout()
    offsets = {
        L.O_INST: lay.block(len(instruments) * L.INST_COLS),
        L.O_CCY: lay.block(max(len(names), 2) * L.CCY_COLS),
        L.O_STREAM: lay.block(max(len(streams), 1)),
        L.O_ORD: lay.block(settings.orders_max * L.ORD_COLS),
        L.O_CMD: lay.block(RING_ROWS * L.CMD_COLS),
        L.O_NOTE: lay.block(RING_ROWS * L.NOTE_COLS),
        L.O_TIER: lay.block(max(len(tiers), 1) * L.TIER_COLS),
        L.O_FEE: lay.block(max(len(fees), 1) * L.TIER_COLS),
        L.O_VOLUME: lay.block(30),
        L.O_LAT: lay.block(2 * len(settings.latency.sampled)),
        L.O_USER: lay.block(user_words),
        L.O_FILL: lay.block(log_rows * L.FILL_COLS),
        L.O_ORDLOG: lay.block(log_rows * L.ORDLOG_COLS),
        L.O_EQ: lay.block(equity_rows * L.EQ_COLS),
        L.O_RUN: lay.block(RUN_ROWS * L.RUN_COLS),
        L.O_BOOK: lay.block(len(with_book) * book_size),
    }
    w: World = np.zeros(lay.size, dtype=np.int64)
    for at, offset in offsets.items():
        w[at] = offset
    w[L.H_BOOK_TICKS], w[L.H_BOOK_FAR], w[L.H_BOOK_SIZE] = ticks, FAR_LEVELS, book_size
    w[L.H_N_INST], w[L.H_N_CCY], w[L.H_N_STREAM] = len(instruments), len(names), len(streams)
    w[L.H_N_USER], w[L.H_CAP_EQ] = user_words, equity_rows
    w[L.H_CAP_FILL] = w[L.H_CAP_ORDLOG] = log_rows
    _fill_header(w, settings)
    # A stream of no instrument (metrics, news) never touches the row that stands for it.
    w[w[L.O_STREAM] : w[L.O_STREAM] + len(streams)] = [max(n, 0) for n in instrument_of_stream]
    _fill_currencies(w, names, instruments, settings, decimals)
    _fill_instruments(w, names, instruments, decimals, with_book)
    barred = {instrument_of_stream[s] for s in bar_streams}
    ticked = {i for n, i in enumerate(instrument_of_stream) if _is_tick_feed(streams[n].feed)}
    for index in barred - ticked:
        w[w[L.O_INST] + index * L.INST_COLS + L.I_BARS] = 1
    w[L.H_ON_BARS] = len(barred - ticked)
    for s in bar_streams:
        row = w[L.O_INST] + instrument_of_stream[s] * L.INST_COLS
        w[row + L.I_INTERVAL] = bar_interval_ns(streams[s].feed)
    return w


def _is_tick_feed(feed: str) -> bool:
    return feed in ("depth", "trades", "top")


def bar_interval_ns(feed: str) -> int:
    """Length of the bars of a feed named ``bars_<duration>``, ns; 0 when it does not say."""
    name = feed.removeprefix("bars_")
    return parse_duration_ns(name) if name != feed else 0


def _fill_header(w: World, settings: EngineSettings) -> None:
    fills, account, latency = settings.fills, settings.account, settings.latency
    w[L.H_QUEUE_MODEL] = ("pessimistic", "probabilistic", "optimistic").index(fills.queue)
    w[L.H_QUEUE_POWER] = fills.queue_power
    w[L.H_LAT_ENTRY], w[L.H_LAT_RESPONSE] = latency.entry_ns, latency.response_ns
    w[L.H_LAT_N] = len(latency.sampled)
    w[L.H_GRACE] = max((back for _, back in latency.sampled), default=latency.response_ns)
    w[L.H_LATE_TRADE] = fills.late_trade_ns
    flat = [x for pair in latency.sampled for x in pair]
    w[w[L.O_LAT] : w[L.O_LAT] + len(flat)] = flat
    w[L.H_RNG] = settings.seed
    w[L.H_MARGIN_MODE] = ("cross", "isolated").index(account.margin_mode)
    w[L.H_LEVERAGE] = int(account.leverage * 1000)
    w[L.H_SPOT_MARGIN] = int(account.spot_margin)
    w[L.H_STP] = ("cancel_newest", "cancel_oldest", "cancel_both").index(fills.self_trade)
    w[L.H_SLIP_RATE] = rate_units(fills.slippage)
    w[L.H_VOLUME_CAP] = rate_units(fills.volume_cap)
    w[L.H_BAR_TOUCH] = int(fills.bar_touch)
    w[L.H_BAR_PATH] = ("nearest", "adverse", "favourable").index(fills.bar_path)
    w[L.H_IMPACT] = rate_units(fills.impact)
    w[L.H_IMPACT_HALF], w[L.H_CONSUME_HALF] = fills.impact_half_ns, fills.consumed_half_ns
    w[L.H_STALE], w[L.H_TOPK] = settings.stale_ns, settings.top_levels
    w[L.H_EQ_EVERY], w[L.H_EQ_NEXT] = settings.equity_every_ns, L.FAR
    w[L.H_TIMER_NEXT] = L.FAR
    w[L.H_INTEREST], w[L.H_INTEREST_NEXT] = rate_units(account.borrow_rate_hourly), L.FAR
    w[L.H_TRIGGER_MARK] = int(fills.trigger == "mark")
    w[L.H_CAP_ORD], w[L.H_CAP_RING] = settings.orders_max, RING_ROWS
    w[L.H_CAP_RUN] = RUN_ROWS
    w[L.H_EXPIRE_NEXT] = w[L.H_SETTLE_NEXT] = L.FAR
    orders = w[w[L.O_ORD] : w[L.O_ORD] + settings.orders_max * L.ORD_COLS]
    orders.reshape(-1, L.ORD_COLS)[:, L.R_NEXT] = np.arange(1, settings.orders_max + 1)
    orders.reshape(-1, L.ORD_COLS)[-1, L.R_NEXT] = -1


def _fill_currencies(
    w: World,
    names: list[str],
    instruments: Sequence[Instrument],
    settings: EngineSettings,
    decimals: int,
) -> None:
    scale = Decimal(10) ** decimals
    for n, name in enumerate(names):
        row = w[L.O_CCY] + n * L.CCY_COLS
        w[row + L.C_UNIT_F] = float_bits(float(1 / scale))
        w[row + L.C_CONV] = -1
        if n:
            by = _converter(name, names[0], instruments)
            if by < 0 and _needs_price(name, names[0], instruments, settings):
                raise EngineError(
                    f"nothing prices {name} in {names[0]}",
                    mend=f"add an instrument {name}/{names[0]}, or report in {name}",
                )
            w[row + L.C_CONV] = by if by >= 0 else -1
            if by >= 0:
                per_tick = float(instruments[by].tick) / (1 << MARK_FP_BITS)
                w[row + L.C_CONV_F] = float_bits(per_tick)
    deposits = settings.account.deposits or ((names[0], Decimal(100_000)),)
    for name, amount in deposits:
        units = amount * scale
        if abs(units) > 2**59:
            raise EngineError(
                f"a deposit of {amount} {name} overflows money with {decimals} decimals",
                mend="deposit less, or give the instruments a coarser tick or lot",
            )
        row = w[L.O_CCY] + names.index(name) * L.CCY_COLS
        w[row + L.C_CASH] += int(units)
        w[row + L.C_DEPOSIT] += int(units)


def _needs_price(
    name: str, report: str, instruments: Sequence[Instrument], settings: EngineSettings
) -> bool:
    """USD-like names stand for one another only when the user says so by report currency."""
    used = {i.settle for i in instruments} | {d for d, _ in settings.account.deposits}
    used |= {i.base for i in instruments if i.kind is InstrumentKind.SPOT}
    return name in used and name != report


def _fill_instruments(
    w: World,
    names: list[str],
    instruments: Sequence[Instrument],
    decimals: int,
    with_book: set[int],
) -> None:
    scale = Decimal(10) ** decimals
    tier_row = fee_row = 0
    book = int(w[L.O_BOOK])
    for n, i in enumerate(instruments):
        row = int(w[L.O_INST]) + n * L.INST_COLS
        w[row + L.I_KIND] = L_KIND[i.kind]
        w[row + L.I_MULT] = int(_mult(i) * scale)
        w[row + L.I_BASE_UNITS] = int(i.lot * scale)
        w[row + L.I_SETTLE] = names.index(i.settle)
        w[row + L.I_QUOTE] = names.index(i.quote)
        w[row + L.I_BASE] = names.index(i.base) if i.base in names else -1
        w[row + L.I_MAKER], w[row + L.I_TAKER] = (
            rate_units(i.fees[0].maker),
            rate_units(i.fees[0].taker),
        )
        w[row + L.I_LIQ_FEE] = rate_units(i.liquidation_fee)
        in_value = i.kind is not InstrumentKind.INVERSE
        w[row + L.I_MIN_VALUE] = int(i.min_notional * scale) if in_value else 0
        w[row + L.I_TICK_F] = float_bits(float(i.tick))
        w[row + L.I_HEAD] = w[row + L.I_TAIL] = -1
        w[row + L.I_OWN_BID], w[row + L.I_OWN_ASK] = -L.FAR, L.FAR
        w[row + L.I_OWN_BID_LOW], w[row + L.I_OWN_ASK_HIGH] = L.FAR, -L.FAR
        w[row + L.I_TIER0], w[row + L.I_N_TIER] = tier_row, len(i.margin_tiers)
        for tier in i.margin_tiers:
            at = int(w[L.O_TIER]) + tier_row * L.TIER_COLS
            w[at + L.T_CAP] = min(int(tier.notional_max * scale), L.FAR)
            w[at + L.T_INITIAL] = rate_units(tier.initial)
            w[at + L.T_MAINT] = rate_units(tier.maintenance)
            w[at + L.T_DEDUCT] = int(tier.deduction * scale)
            tier_row += 1
        w[row + L.I_FEE0], w[row + L.I_N_FEE] = fee_row, len(i.fees)
        for fee in i.fees:
            at = int(w[L.O_FEE]) + fee_row * L.TIER_COLS
            w[at + L.F_MIN] = int(fee.volume_min)
            w[at + L.F_MAKER], w[at + L.F_TAKER] = rate_units(fee.maker), rate_units(fee.taker)
            fee_row += 1
        _fill_expiry(w, row, i, scale, underlying_of(n, instruments))
        if n in with_book:
            w[row + L.I_BOOK] = book
            book += int(w[L.H_BOOK_SIZE])


def underlying_of(n: int, instruments: Sequence[Instrument]) -> int:
    """Index of the instrument whose price stands for the index of a dated one, -1 none.

    Of the same base and quote and without an expiry; spot before perpetuals, the same
    venue before others.
    """
    dated = instruments[n]
    if not dated.expiry_ns:
        return -1
    pairs = [
        (m.kind, m.venue != dated.venue, k)
        for k, m in enumerate(instruments)
        if not m.expiry_ns and (m.base, m.quote) == (dated.base, dated.quote)
    ]
    return min(pairs)[2] if pairs else -1


def _fill_expiry(w: World, row: int, i: Instrument, scale: Decimal, underlying: int) -> None:
    w[row + L.I_UNDER] = underlying
    ends = i.expiry_ns and i.kind is not InstrumentKind.SPOT
    w[row + L.I_EXPIRY] = i.expiry_ns if ends else L.FAR
    w[row + L.I_UNIT] = int(i.lot * i.contract_size * scale)
    if i.kind is InstrumentKind.OPTION:
        w[row + L.I_OPTION] = 1 if i.is_call else -1
        w[row + L.I_STRIKE_FP] = round(i.strike / i.tick * (1 << MARK_FP_BITS))
    if ends:
        w[L.H_SETTLE_NEXT] = min(int(w[L.H_SETTLE_NEXT]), i.expiry_ns)


L_KIND = {
    InstrumentKind.SPOT: 0,
    InstrumentKind.LINEAR: 1,
    InstrumentKind.INVERSE: 2,
    InstrumentKind.FUTURE: 1,
    InstrumentKind.OPTION: 1,
}
"""How the kernel accounts for a kind of contract."""
