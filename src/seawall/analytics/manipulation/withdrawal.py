# SPDX-License-Identifier: MIT
"""Evidence that liquidity is withdrawn: a book far thinner than its own recent usual.

Formula: d = ln of the size within ``reach`` basis points of the mid on the thinner side,
smoothed over ``memory`` seconds; thin = clip((mean - d - ``low``) / (``high`` - ``low``),
0, 1), the mean exponential over ``slow`` seconds and slower while the book is thin; wide =
the same of the log spread, the other way; fast = min(1, |ln mid - ln mid ``memory`` ago| /
(``moves`` s)), s the usual deviation of such moves; score = 1 - (1 - thin)(1 - wide fast).
Unit: score and parts 0 to 1, evidence and no verdict; depth: size on the thinner side, base
currency.
Assumption: the levels shown reach that far, else their last prices bound it; nobody need be
guilty: makers leave before news, too.  It is the precondition of a flash crash, not the crash.
Cost: O(levels) per row, 12 numbers of state.
Source: Kirilenko, Kyle, Samadi and Tuzun (2017), Journal of Finance 72(3), for the order of
events in a flash crash; the measure is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
STARTED, ORIGIN, NOW, DEPTH, SPREAD, MID, DEPTH_MEAN, SPREAD_MEAN, MOVE_VAR, WEIGHT, ASIDE = (
    range(11)
)  # fmt: skip


@step
def clip(value: float) -> float:
    """Bound to 0 and 1."""
    return min(max(value, 0.0), 1.0)


@step
def near(pxs: Table, qtys: Table, i: int, mid: float, reach: float) -> float:
    """Size within a fraction of the mid on one side; at least that of the best level."""
    total = 0.0
    for k in range(pxs.shape[1]):
        if k > 0 and abs(pxs[i, k] - mid) > reach * mid:
            break
        total += qtys[i, k]
    return total


@step
def sound(pxs: Table, qtys: Table, i: int) -> bool:
    """Whether a side of the book is finite."""
    for k in range(pxs.shape[1]):
        if not (pxs[i, k] > 0.0 and pxs[i, k] < 1e300 and qtys[i, k] >= 0.0):
            return False
        if not qtys[i, k] < 1e300:
            return False
    return True


@step
def follow(state: Array, gap: float, memory: float, slow: float, depth: float, spread: float,
           log_mid: float) -> None:  # fmt: skip
    """Move the smoothed values and the usual ones over a time that passed."""
    if state[WEIGHT] == 0.0:
        state[DEPTH], state[SPREAD], state[MID] = depth, spread, log_mid
    # What was seen last held until now.
    w = (1.0 - math.exp(-gap / slow)) * (1.0 - 0.95 * state[ASIDE])
    state[WEIGHT] = max(state[WEIGHT] + (1.0 - state[WEIGHT]) * w, 1e-12)
    a = w / state[WEIGHT]
    state[DEPTH_MEAN] += a * (state[DEPTH] - state[DEPTH_MEAN])
    state[SPREAD_MEAN] += a * (state[SPREAD] - state[SPREAD_MEAN])
    state[MOVE_VAR] += a * ((log_mid - state[MID]) ** 2 - state[MOVE_VAR])
    b = 1.0 - math.exp(-gap / memory)
    state[DEPTH] += b * (depth - state[DEPTH])
    state[SPREAD] += b * (spread - state[SPREAD])
    state[MID] += b * (log_mid - state[MID])


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, bid_pxs: Table, bid_qtys: Table,
    ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop over states of the book."""
    memory, slow, warm, reach, low, high, moves = (
        params[0], params[1], params[2], params[3] * 1e-4, params[4], params[5], params[6],
    )  # fmt: skip
    for i in range(ts.size):
        out[i] = NAN
        if not (sound(bid_pxs, bid_qtys, i) and sound(ask_pxs, ask_qtys, i)):
            continue
        gap_px = ask_pxs[i, 0] - bid_pxs[i, 0]
        if gap_px <= 0.0:
            continue
        mid = 0.5 * (ask_pxs[i, 0] + bid_pxs[i, 0])
        thinner = min(
            near(bid_pxs, bid_qtys, i, mid, reach), near(ask_pxs, ask_qtys, i, mid, reach)
        )
        if thinner <= 0.0:
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        now = max((ts[i] - state[ORIGIN]) * 1e-9, state[NOW])
        follow(state, now - state[NOW], memory, slow, math.log(thinner), math.log(gap_px / mid),
               math.log(mid))  # fmt: skip
        state[NOW] = now
        if now < warm:
            continue
        thin = clip((state[DEPTH_MEAN] - state[DEPTH] - low) / (high - low))
        wide = clip((state[SPREAD] - state[SPREAD_MEAN] - low) / (high - low))
        usual = math.sqrt(state[MOVE_VAR])
        move = abs(math.log(mid) - state[MID])
        fast = min(move / (moves * usual), 1.0) if usual > 0.0 else 0.0
        score = 1.0 - (1.0 - thin) * (1.0 - wide * fast)
        state[ASIDE] = score
        out[i, 0], out[i, 1], out[i, 2], out[i, 3], out[i, 4] = score, thin, wide, fast, thinner


ANALYTIC = Analytic(
    name="withdrawal", group="manipulation", doc=__doc__,
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"),
    outputs=("score", "thin", "wide", "fast", "depth"), batch=batch,
    state_size=lambda params, levels: 11,
    params=(
        Param("memory", 3.0, "the book is smoothed over this many seconds", 0.001, 3600.0),
        Param("slow", 120.0, "the usual fades over this many seconds", 1.0, 1e6),
        Param("warm", 20.0, "seconds before the first score", 0.0, 3600.0),
        Param("reach", 1.0, "distance from the mid, basis points", 0.01, 1e4),
        Param("low", 0.4, "fall of the log depth at which evidence begins", 0.0, 20.0),
        Param("high", 1.2, "fall of the log depth that is full evidence", 0.01, 20.0),
        Param("moves", 5.0, "usual deviations of the mid that are fast", 0.1, 100.0),
    ),
)  # fmt: skip
