# SPDX-License-Identifier: MIT
"""State of the simulated market as flat record arrays, and the codes in them.

The kernel owns no objects: everything it knows lies in the arrays of :class:`World`,
so one run can stop at any event and go on, and a test can look at all of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

WINDOW = 1 << 18
"""Price levels per book; orders outside the window are refused, as by a price band."""

SLOT_BITS = 20
"""An order id is ``number << SLOT_BITS | slot``: unique, and found without a search."""

# All integers of the state are int64: the compiled functions then exist in one version
# each, which more than halves the first compilation.  The log is written once per event
# and kept, so it is narrow.

ORDER = np.dtype(
    [
        ("id", "<i8"),  # 0: free slot
        ("agent", "<i8"),
        ("px", "<i8"),  # ticks
        ("qty", "<i8"),  # lots that still rest
        ("prev", "<i8"),  # slot ahead in the queue, 0 none
        ("next", "<i8"),  # slot behind in the queue, or next free slot
        ("note", "<i8"),  # metaorder or attack that the order belongs to
        ("book", "<i8"),
        ("side", "<i8"),
    ],
    align=True,
)

LEVEL = np.dtype([("head", "<i8"), ("tail", "<i8"), ("qty", "<i8")], align=True)

BOOK = np.dtype(
    [
        ("mult", "<i8"),  # money units of one tick times one lot
        ("maker_fee", "<i8"),  # 1e-9 of notional
        ("taker_fee", "<i8"),
        ("oi", "<i8"),  # lots, sum of long positions
        ("fee_box", "<i8"),  # money units the venue earned on this book
        ("fund", "<i8"),  # insurance fund, money units
        ("premium_sum", "<i8"),  # sum of premium samples, 1e-9
        ("premium_n", "<i8"),
        ("index_fp", "<i8"),  # ticks * 2**10
        ("mark_fp", "<i8"),
        ("rate", "<i8"),  # predicted funding rate, 1e-9
        ("funding_ns", "<i8"),  # interval, 0 for spot
        ("volume", "<i8"),  # lots traded so far
        ("basis", "<f8"),  # slow mean of log mid over the asset's reference
        ("tick", "<f8"),
        ("share", "<f8"),  # of the asset's flow
        ("base", "<i8"),  # price of level 0, ticks
        ("bid", "<i8"),  # best bid, ticks; base - 1 when empty
        ("ask", "<i8"),  # best ask, ticks; base + WINDOW when empty
        ("last", "<i8"),
        ("asset", "<i8"),
        ("venue", "<i8"),
        ("perp", "<i8"),
        ("coin", "<i8"),  # quote currency, row of COIN
        ("halted", "<i8"),
        ("dry", "<i8"),  # makers with number below this stay away
        ("calls", "<i8"),  # wakes of makers that are under way
        ("maker_0", "<i8"),  # first maker and one past the last
        ("maker_1", "<i8"),
    ],
    align=True,
)

MESSAGE = np.dtype(
    [
        ("ts", "<i8"),
        ("seq", "<i8"),
        ("id", "<i8"),  # order to cancel
        ("agent", "<i8"),
        ("px", "<i8"),
        ("qty", "<i8"),
        ("note", "<i8"),
        ("book", "<i8"),
        ("side", "<i8"),
        ("kind", "<i8"),  # a Message code
        ("tif", "<i8"),
    ],
    align=True,
)

LOG = np.dtype(
    [
        ("ts", "<i8"),  # venue time, ns
        ("id", "<i8"),  # order; the resting order of an EXEC
        ("other", "<i8"),  # the taking order of an EXEC
        ("px", "<i4"),
        ("qty", "<i4"),
        ("agent", "<i4"),
        ("agent2", "<i4"),  # the taker of an EXEC
        ("note", "<i4"),  # metaorder or attack; the reason of a REJECT
        ("book", "u1"),
        ("type", "u1"),
        ("side", "i1"),  # of the order; of the taker for an EXEC
        ("tif", "u1"),
    ],
    align=True,
)
"""One line of the order log (L3); the row number is the venue sequence."""

TAPE = np.dtype(
    [
        ("ts", "<i8"),
        ("mark_fp", "<i8"),
        ("index_fp", "<i8"),
        ("rate", "<i8"),  # predicted, or settled when ``settled`` is 1
        ("oi", "<i8"),
        ("value", "<f8"),  # true fundamental value, quote currency
        ("vol", "<f8"),  # true volatility factor
        ("book", "<i8"),
        ("settled", "<i8"),  # 0 sample, 1 funding stamp, 2 jump of the value
    ],
    align=True,
)
"""Slow public figures and hidden truth, one row per book and second."""

MAKER = np.dtype(
    [
        ("fair", "<f8"),  # belief, quote currency
        ("seen", "<i8"),  # when it last looked, ns
        ("error", "<f8"),  # of its belief, ticks
        ("half", "<f8"),  # half spread, ticks
        ("size", "<f8"),  # lots of the first layer
        ("skew", "<f8"),  # ticks of shift per first-layer size of inventory
        ("agent", "<i8"),
        ("book", "<i8"),
        ("lag", "<i8"),  # reaction time, us
        ("number", "<i8"),  # place among the makers of its book
    ],
    align=True,
)

ASSET = np.dtype(
    [
        ("value", "<f8"),
        ("seen", "<f8"),  # value as the informed see it, one second late and smoothed
        ("ref", "<f8"),  # mean mid over the asset's books
        ("trend", "<f8"),  # Chiarella trend, log return per second
        ("mood", "<f8"),  # share of chartists
        ("vol", "<f8"),
        ("x0", "<f8"),  # log-volatility factors, fast to slow
        ("x1", "<f8"),
        ("x2", "<f8"),
        ("h0", "<f8"),  # Hawkes excitations
        ("h1", "<f8"),
        ("h2", "<f8"),
        ("h_bar", "<f8"),  # intensity that bounds the next candidate
        ("h_ts", "<i8"),
        ("sigma", "<f8"),  # per square-root second
        ("beta", "<f8"),  # loading on the common factor
        ("rate", "<f8"),  # base rate of flow events, 1/s
        ("size", "<f8"),  # median taker size, lots
        ("reach", "<f8"),  # scale of placement, ticks
        ("book_0", "<i8"),
        ("book_1", "<i8"),
    ],
    align=True,
)

ACCOUNT = np.dtype(
    [
        ("entry", "<i8"),  # ticks; 0 flat
        ("liq", "<i8"),
        ("leverage", "<i8"),
        ("qty", "<i8"),  # signed lots
        ("agent", "<i8"),
        ("book", "<i8"),
        ("cash0", "<i8"),  # collateral when it was last flat, money units
    ],
    align=True,
)

META = np.dtype(
    [("left", "<i8"), ("side", "<i8"), ("label", "<i8"), ("agent", "<i8"), ("book", "<i8")],
    align=True,
)

COIN = np.dtype(
    [
        ("noise", "<f8"),  # log deviation from the dollar that always is there
        ("depeg", "<f8"),  # log deviation that an attack brings
        ("goal", "<f8"),  # where the depeg is heading
        ("speed", "<f8"),  # share of the way that is gone per second
        ("dollars", "<f8"),  # dollars per unit
    ],
    align=True,
)
"""A quote currency; values of assets are in dollars, prices in the book's quote currency."""

SCRIPT = np.dtype(
    [
        ("ts", "<i8"),
        ("agent", "<i8"),
        ("book", "<i8"),
        ("op", "<i8"),  # a Script code
        ("side", "<i8"),
        ("offset", "<i8"),  # ticks away from the own best, positive is passive; see S_*
        ("qty", "<i8"),  # lots, or what the step says, see S_*
        ("note", "<i8"),  # attack number
        ("slot", "<i8"),  # where the order's id is kept for the cancel
        ("anchor", "<i8"),  # first of the places that S_ANCHOR wrote
    ],
    align=True,
)
"""One step of a scripted agent."""


class World(NamedTuple):
    """All state of a run."""

    orders: Array  # ORDER
    levels: Array  # LEVEL, (books, WINDOW)
    books: Array  # BOOK
    heap: Array  # MESSAGE
    log: Array  # LOG
    tape: Array  # TAPE
    cash: Array  # int64 money units per agent
    pos: Array  # int64 lots, (agents, books)
    makers: Array  # MAKER
    assets: Array  # ASSET
    accounts: Array  # ACCOUNT
    metas: Array  # META, (assets, n)
    coins: Array  # COIN
    script: Array  # SCRIPT
    held: Array  # int64 ids of orders to be moved: makers' layers, then scripts'; -1 under way
    groups: Array  # int64 first agent of each group, see A_*
    rng: Array  # uint64, (streams, 4)
    ctr: Array  # int64 counters, see C_*
    par: Array  # float64 parameters, see P_*


# Counters
C_NOW, C_SEQ, C_NUMBER, C_HEAP, C_FREE, C_LOG, C_TAPE, C_META, C_LIVE, C_EVENTS, C_LOST = range(11)
COUNTERS = 11

# Float parameters
(
    P_MARKET,  # share of flow events that take
    P_META,  # share of takers that belong to a metaorder
    P_META_TAIL,  # Pareto exponent of metaorder length
    P_POLITE,  # share of takers that never exceed the best quantity
    P_SIZE_SD,  # sd of log taker size
    P_LIMIT_SD,  # sd of log limit size
    P_TAIL,  # exponent of placement
    P_LIFE,  # life of a limit order near the touch, s
    P_LIFE_POW,
    P_H0,  # Hawkes branching ratios
    P_H1,
    P_H2,
    P_T0,  # and times, s
    P_T1,
    P_T2,
    P_VALUE_TAU,  # time in which makers learn the value, s
    P_REF_TAU,  # time in which makers follow the other books, s
    P_JUMP_RATE,  # 1/s
    P_JUMP_SD,  # in units of sigma * sqrt(60 s)
    P_JUMP_SKEW,  # mean of a jump in its own sd
    P_VALUER_RATE,  # wakes of value and trend traders per asset, 1/s
    P_VALUER_GAIN,
    P_TREND_GAIN,
    P_LEVER_RATE,  # opening rate of one leveraged account, 1/s
    P_ARB_EDGE,  # fraction at which cross-venue arbitrage starts
    P_BASIS_EDGE,  # and spot-perp arbitrage
    P_LATENCY,  # median one-way latency of slow agents, s
    P_MAINT,  # maintenance margin rate
    P_WAKE,  # mean time between makers' own looks, s
    P_LEVERAGE_DOWN,  # rise of log volatility per -1 sd of common return
    P_CRISIS,  # rise of the common factor's share with volatility
    P_PROFILE,  # amplitude of the intraday profile
    P_START,  # time of day at the start, s
    P_IDIO,  # share of idiosyncratic sd in the volatility factors
    P_S0,  # sd of the log-volatility factors
    P_S1,
    P_S2,
    P_BAND,  # ticks a quote may be off before it is moved
    P_NOISE,  # sd of a maker's belief error, ticks
    P_LEVER_SIZE,  # size of leveraged positions, in their usual one
    P_READ,  # share of looks of value traders that read the book instead
    P_READ_GAIN,  # view per unit of imbalance
    P_PEG_SD,  # sd of a quote currency's log deviation from the dollar
    P_LEVER_HIGH,  # share of leveraged accounts at fifty times or more
    P_TIER,  # notional from which the second margin tier holds, money units
    P_TIER_MAINT,  # its maintenance margin rate
    P_LIQUIDATION,  # how far off the mark a forced order may trade, fraction
    P_LAYER_STEP,  # growth of the distance between a maker's layers, ticks
    P_LAYER_SHARE,  # size of the layers behind the first, of the first
    P_SEEN_TAU,  # time in which the informed learn the value, s
    P_TOUCH,  # size of a first layer that is at the touch, of another
    P_CLOSE,  # ticks that a maker gives way to close a spread
) = range(52)
PARAMETERS = 52

# Messages
(
    M_SUBMIT,
    M_CANCEL,
    M_EXPIRE,  # a lifetime ends: like a cancel, silent when the order is gone
    M_MAKER,  # maker `agent` looks
    M_FLOW,  # next flow event of asset `book`
    M_VALUER,
    M_ARB,
    M_CLOCK,  # once a second: value, marks, liquidations, funding
    M_LEVER,
    M_SCRIPT,
    M_HALT,  # side 1 halts venue `book`, 0 resumes it
) = range(11)

# Time in force and the like
LIMIT, IOC, FOK, POST, MARKET = range(5)

# Log lines
ADD, TAKE, EXEC, CANCEL, REST, DROP, REJECT, DELEVERAGE = range(1, 9)

# Reasons of a REJECT
R_BAND, R_POST, R_FOK, R_UNKNOWN, R_HALT, R_FULL = range(1, 7)

# Scripted steps
(
    S_LIMIT,  # rest ``qty`` lots ``offset`` ticks behind the own best
    S_TAKE,  # take ``qty`` lots up to ``offset`` ticks short of the other best
    S_CANCEL,
    S_DRY,  # send ``qty`` permille of the makers away
    S_WASH,  # trade with oneself up to ``qty`` ppm of the volume, about ``offset`` lots at once
    S_ANCHOR,  # remember twice the mid, the volume, no washed lots, the mean displayed quantity
    S_SWEEP,  # take all as far as ``offset`` ppm beyond the anchor, and leave ``qty`` lots there
    S_DUMP,  # close ``qty`` permille of the own position, at most ``offset`` ppm off the touch
    S_SHOW,  # rest ``qty`` permille of the mean quantity of the ten best levels
    S_GUARD,  # cancel when the touch has come within ``offset`` ticks of the order
    S_SNIPE,  # take what is more than ``offset`` ppm off the value, up to ``qty`` lots
    S_DEPEG,  # let the quote currency head for ``offset`` ppm, ``qty`` permille per second
) = range(12)

# Random streams: one per group of agents, so that a change in one leaves the others' draws.
# What does not depend on prices is drawn whether it is used or not: a run with an attack and
# one without then share it to the end.
(
    G_VALUE,
    G_FLOW,
    G_META,
    G_SIZE,
    G_PLACE,
    G_VALUER,
    G_ARB,
    G_LEVER,
    G_LATENCY,  # of the noise flow
    G_REACT,  # latencies and choices of those who react to prices
    G_PEG,
    G_MAKER,  # of the makers of book 0; those of book b draw from G_MAKER + b
) = range(12)
STREAMS = G_MAKER
"""Streams that every world has; one per book follows."""

# Groups of agents in ``World.groups``: members of g are groups[g] .. groups[g + 1] - 1
(
    A_WORLD,  # the outside: pays collateral in
    A_NOISE,
    A_SPLIT,
    A_MAKER,
    A_VALUE,
    A_ARB,
    A_LEVER,
    A_SCRIPT,
    A_END,
) = range(9)
LAYERS = 6
NOTE_LIQUIDATION = -1
