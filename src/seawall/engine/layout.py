# SPDX-License-Identifier: MIT
"""Where everything lies in the world: one int64 buffer that a kernel call receives.

One buffer, because a call with one array costs a tenth of a call with twenty; and
because a world that is one array can be copied, hashed, saved and compared.  The
header comes first; the tables follow at the offsets that the header holds.  Numbers
below are positions in the header or columns of a table row.
"""

from __future__ import annotations

# --- header: clock and cursors ---
H_NOW = 0  # receive time up to which everything is known, ns
H_EVENT = 1  # next row of the event chunk
H_BAR = 2  # next column of the bar chunk
H_WAKE = 3  # why the kernel returned last
H_WAKE_ARG = 4  # stream, order slot or row that goes with it
H_TIMER_NEXT = 5  # next timer, ns; FAR when none
H_TIMER_EVERY = 6  # period of the timer, ns; 0 fires once
H_WAKE_MASK = 7  # bit per EventKind, and WAKE_BIT_*: what the strategy wants to see
H_VENUE_NOW = 8  # latest venue time seen, receiver's clock, ns

# --- header: settings ---
H_QUEUE_MODEL = 10  # 0 pessimistic, 1 probabilistic, 2 optimistic
H_QUEUE_POWER = 11  # exponent of the probabilistic model
H_LAT_ENTRY = 12  # order latency to the venue, ns; used where the table is empty
H_LAT_RESPONSE = 13  # latency of the venue's answer, ns
H_LAT_N = 14  # rows of the latency table
H_RNG = 15  # state of the random stream
H_MARGIN_MODE = 16  # 0 cross, 1 isolated
H_LEVERAGE = 17  # isolated leverage, times 1000
H_SPOT_MARGIN = 18  # 1: spot may be borrowed up to the leverage
H_STP = 19  # self-trade prevention: 0 cancel newest, 1 cancel oldest, 2 cancel both
H_SLIP_RATE = 20  # slippage on bars, 1e-9 of price
H_VOLUME_CAP = 21  # share of a bar's volume one order may take, 1e-9; 0 no cap
H_BAR_TOUCH = 22  # limit on bars: 0 price must trade through, 1 a touch fills
H_BAR_PATH = 23  # 0 nearest extreme first, 1 adverse extreme first, 2 favourable first
H_IMPACT = 24  # share of the walked distance by which own trades move the price, 1e-9
H_IMPACT_HALF = 25  # half-life of own impact, ns
H_CONSUME_HALF = 26  # half-life of the memory of consumed liquidity, ns
H_STALE = 27  # silence after which a book is stale, ns; 0 never
H_TOPK = 28  # levels in the top-of-book sums
H_EQ_EVERY = 29  # time between equity samples on events, ns
H_EQ_NEXT = 30  # next equity sample, ns
H_REPORT_CCY = 31  # row of the report currency
H_INTEREST = 32  # hourly rate on borrowed money, 1e-9
H_INTEREST_NEXT = 33  # next interest stamp, ns
H_TRIGGER_MARK = 34  # 1: stops look at the mark price, 0: at the last trade

H_SETTLE_NEXT = 35  # earliest expiry of an instrument that is not settled, ns; FAR none
H_LATE_TRADE = 36  # time within which a trade may explain an earlier decrease of its level, ns
H_ON_BARS = 38  # instruments that are matched on bars
H_GRACE = 39  # largest lag of the feed seen and of answers expected, ns

# --- header: sizes and offsets ---
H_N_INST = 40
H_N_CCY = 41
H_N_STREAM = 42
H_CAP_ORD = 43  # slots of the order table, a power of two
H_CAP_RING = 44  # rows of the command and note rings, a power of two
H_CAP_FILL = 45
H_CAP_ORDLOG = 46
H_CAP_EQ = 47
H_BOOK_TICKS = 48  # window of a book, ticks, a power of two
H_BOOK_FAR = 49  # slots of the far-level map of a side, a power of two
H_BOOK_SIZE = 50  # words of one book
O_INST = 52
O_CCY = 53
O_STREAM = 54
O_ORD = 55
O_CMD = 56
O_NOTE = 57
O_FILL = 58
O_ORDLOG = 59
O_EQ = 60
O_BOOK = 61
O_LAT = 62
O_TIER = 63
O_USER = 64
O_RUN = 68  # runs of quiet bars whose equity is expanded later
H_N_RUN = 93
H_CAP_RUN = 94
O_FEE = 67  # fee tier rows, TIER_COLS wide
H_N_USER = 65

# --- header: counters ---
H_ORD_SEQ = 70  # orders ever made
H_ORD_FREE = 71  # head of the list of free slots, -1 none
H_CMD_HEAD = 72
H_CMD_TAIL = 73
H_CMD_LAST = 74  # when the newest command takes effect
H_NOTE_HEAD = 75
H_NOTE_TAIL = 76
H_NOTE_LAST = 77
H_N_FILL = 78  # rows in the fill log since the last drain
H_N_ORDLOG = 79
H_N_EQ = 80
H_NOTE_TOLD = 37  # answers that have reached the strategy
H_LIVE = 81  # orders at the venue
H_MARGIN_POS = 82  # positions that can be liquidated
H_FAULTS = 83  # broken invariants; anything but 0 is a defect of ours
H_REJECTS = 84
H_LIQUIDATIONS = 85
H_FAR_LOST = 86  # far book levels that found no room
H_TURNOVER = 87  # float64 bits: traded notional, report currency
H_SLIPPAGE = 88  # float64 bits: cost of taker fills against the mid at sending
H_FUNDING = 89  # float64 bits: funding received, report currency
H_BAR_STAGE = 92  # 1: the bar at the cursor is matched, its answers are being served
H_VOLUME_DAY = 91  # day of the newest volume bucket
O_VOLUME = 66  # 30 daily buckets of traded value per instrument's quote, report units
H_EXPIRE_NEXT = 90  # earliest expiry of a live order, ns; FAR none

HEADER = 96

FAR = 4_611_686_018_427_387_904  # 2**62: later than any time
HOLD = -FAR  # target that says: leave the position alone

# --- why the kernel returns ---
WAKE_END = 0  # the chunk is used up
WAKE_UNTIL = 1  # the asked time is reached
WAKE_TIMER = 2
WAKE_NOTE = 3  # an answer from the venue reached the strategy
WAKE_EVENT = 4  # a market message of a kind in the mask
WAKE_BAR = 5
WAKE_DRAIN = 6  # a log is nearly full; drain it and call again
WAKE_BIT_BAR = 40  # bits of H_WAKE_MASK beside the event kinds
WAKE_BIT_FILL = 41  # answers that report a fill
WAKE_BIT_ORDER = 42  # all other answers

# --- instrument row ---
I_KIND = 0
I_MULT = 1  # money units per tick and lot; inverse: money units times ticks per lot
I_BASE_UNITS = 2  # spot: base money units per lot
I_SETTLE = 3  # currency row of profit, fees and margin
I_BASE = 4  # currency row of the base, for spot the inventory; -1 not in the account
I_MAKER = 5  # fee rates, 1e-9
I_TAKER = 6
I_LIQ_FEE = 7
I_MIN_VALUE = 8  # minimum order value, money units
I_TICK_F = 9  # float64 bits: tick in quote currency
I_LAST = 10  # last trade or close, ticks
I_MARK_FP = 11  # mark price, ticks << MARK_FP_BITS; 0 unknown
I_HAS_MARK = 12  # a mark feed has spoken
I_BID = 13  # best bid, ticks; 0 none
I_ASK = 14  # best ask, ticks; 0 none
I_BIDQ = 15
I_ASKQ = 16
I_STATE = 17  # BookState
I_HAS_BOOK = 18  # 1 depth, 2 top of book only, 0 neither
I_SEEN = 19  # receive time of the last book message, ns
I_POS = 20  # position at the venue, lots, signed
I_COST = 21  # value at which it was entered, money units, signed
I_POS_KNOWN = 22  # position as the strategy has been told
I_HEAD = 23  # first live order, -1 none
I_TAIL = 24
I_N_LIVE = 25
I_OWN_BID = 26  # highest price of own resting buys, -FAR none
I_OWN_ASK = 27  # lowest price of own resting sells, FAR none
I_TIER0 = 28  # first row and number of margin tiers
I_N_TIER = 29
I_ISO = 30  # isolated margin, money units
I_IMPACT = 31  # own impact, ticks << 10, signed
I_IMPACT_TS = 32
I_FEES = 33  # sums, money units
I_FUNDING = 34
I_REALIZED = 35
I_PENDING = 36  # lots in market orders on their way as the strategy knows, signed
I_EXPIRY = 37  # when it is settled, ns; FAR never, -1 done
I_FEE0 = 38  # first row and number of fee tiers
I_N_FEE = 39
I_BOOK = 40  # offset of the book, 0 none
I_INTERVAL = 41  # bars: length, ns
I_RATE_F = 42  # float64 bits: report currency per settle currency unit, last known
I_BARS = 43  # 1: matched on bars
I_OWN_BID_LOW = 46  # lowest own resting buy, FAR none
I_OWN_ASK_HIGH = 47  # highest own resting sell, -FAR none
I_QUOTE = 45  # currency row of the quote currency
I_STOPS = 44  # live orders that wait for a trigger
I_CONSUMED = 48  # 8 rows of (side*px, qty, ts): consumed liquidity
N_CONSUMED = 8
I_REMEMBERS = 72  # 1: some consumed liquidity is remembered
I_BAND_LO = 73  # between these marks no liquidation is possible; HI 0 unknown
I_BAND_HI = 74
I_OPTION = 75  # +1 call, -1 put, 0 no option
I_STRIKE_FP = 76  # strike, ticks << MARK_FP_BITS
I_UNIT = 77  # money units per lot at a price of one
I_INDEX_FP = 78  # index price of the underlying, ticks << MARK_FP_BITS; 0 unknown
I_UNDER = 79  # instrument that stands for the index where no feed gives one, -1 none
INST_COLS = 80

# --- currency row ---
C_CASH = 0  # money units
C_DEPOSIT = 1
C_TRADE = 2  # spot purchases and sales
C_REALIZED = 3
C_FEES = 4
C_FUNDING = 5
C_INTEREST = 6
C_INSURANCE = 7  # losses beyond the balance that the venue bore
C_CONV = 8  # instrument whose price converts to the report currency, -1 none needed
C_UNIT_F = 9  # float64 bits: currency per money unit
C_CONV_F = 10  # float64 bits: quote per tick of the converting instrument
CCY_COLS = 12

# --- order row ---
R_ID = 0  # running number, 1, 2, ...; 0 is a free slot
R_INST = 1
R_SIDE = 2
R_TYPE = 3
R_TIF = 4
R_FLAGS = 5
R_PX = 6
R_QTY = 7
R_FILLED = 8
R_STATE = 9
R_TRIGGER = 10
R_TRAIL = 11  # distance of a trailing stop, ticks
R_EXPIRE = 12
R_SENT = 13
R_ACTIVE = 14  # arrived at the venue
R_AHEAD = 15  # lots before us in the queue, << AHEAD_BITS; below 0 our turn has come
R_CUM = 16  # traded at our level since its last book record
R_NEXT = 17
R_PREV = 18
R_GROUP = 19  # one-cancels-other group, 0 none
R_PARENT = 20  # bracket: id that must fill first, 0 none
R_RESTING = 21  # 1: in the book
R_MID2 = 22  # twice the mid at sending, ticks
R_REASON = 23
R_LEVEL = 24  # displayed quantity at our level when last seen
R_TAG = 25  # the strategy's own number
R_CHILDREN = 26  # 1: bracket children wait for this order
R_FRESH = 27  # 1: has not met a bar yet
R_COUNTED = 28  # lots of a market order that the strategy still believes on their way
R_CUT = 30  # of the queue ahead cut by decreases that no trade has explained, << AHEAD_BITS
R_CUT_TS = 31  # when, at the venue
ORD_COLS = 32
AHEAD_BITS = 10

# --- tier rows ---
T_CAP = 0  # upper edge, money units
T_INITIAL = 1  # 1e-9
T_MAINT = 2  # 1e-9
T_DEDUCT = 3  # money units
TIER_COLS = 4
F_MIN = 0  # fee tier: 30-day volume from which it holds, whole units of report currency
F_MAKER = 1
F_TAKER = 2

# --- rings ---
CMD_NEW = 1
CMD_CANCEL = 2
CMD_AMEND = 3
K_TS = 0  # takes effect at the venue
K_OP = 1
K_SLOT = 2
K_ID = 3
K_PX = 4
K_QTY = 5
CMD_COLS = 6

NOTE_ACCEPT = 1
NOTE_FILL = 2
NOTE_END = 3  # filled, cancelled, rejected, expired: R_STATE of the row
NOTE_AMEND = 4
N_TS = 0
N_KIND = 1
N_ID = 2
N_INST = 3
N_SIDE = 4
N_PX = 5
N_QTY = 6
N_STATE = 7
N_REASON = 8
N_TAG = 9
N_MAKER = 10
N_SLOT = 11
N_FEE = 12  # of a fill, money units
N_REALIZED = 13
N_COST = 14  # cost of the position before the fill
N_TRADE = 15  # spot: what the fill brought or took of the quote currency, before the fee
NOTE_COLS = 16

# --- logs: words of the record types in outcome.py ---
FILL_COLS = 9
ORDLOG_COLS = 8
EQ_COLS = 4
U_FIRST = 0  # first bar of the run, column of the chunk
U_COUNT = 1
U_EQ = 2  # rows of the equity log before it, since the last drain
U_POS = 3
U_CASH0 = 4
U_CASH1 = 5
RUN_COLS = 6

# --- book, per side (bid side first) ---
B_SIDE0 = 0  # side header: 8 words each
S_BEST = 0  # window position of the best level, -1 none; larger is better on both sides
S_EDGE = 1  # window position of the k-th level, -1 none, FAR while nobody has asked
S_COUNT = 2  # levels within the edge
S_SUM = 3  # their quantity
S_FAR = 4  # levels in the far map
S_LEVELS = 5  # levels in the window
S_QTY = 7  # offset of the side's quantities
S_SHIFT = 6  # window position = shift + price for bids, shift - price for asks
BOOK_HEAD = 16
