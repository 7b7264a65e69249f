# SPDX-License-Identifier: MIT
"""Around a run: targets into lots before it, quiet bars into equity samples after it."""

from __future__ import annotations

import numpy as np

from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.kernel.jit import Rows, Words, borrow, entry, words
from seawall.engine.layout import (
    C_CONV_F,
    C_UNIT_F,
    CCY_COLS,
    FAR,
    HOLD,
    I_MULT,
    O_CCY,
    O_INST,
    U_CASH0,
    U_CASH1,
    U_COUNT,
    U_EQ,
    U_FIRST,
    U_POS,
)
from seawall.model.events import MARK_FP_BITS


@entry
def expand_runs(w, bars, runs: Rows, samples: Rows, out: Rows):
    """Write the equity samples of a chunk: logged rows, and the bars of quiet runs.

    Gives the same numbers, to the last bit, as sampling at every bar would.

    Parameters
    ----------
    w : array of int64
        The world (for scales only).
    bars : array of int64, shape (7, n)
        Chunk that the runs point into.
    runs : array of int64, shape (m, RUN_COLS)
        Logged runs.
    samples, out : arrays of int64, shape (k, EQ_COLS)
        Logged rows, and all rows in order of time.

    Returns
    -------
    bool
        Whether two rows next to one another are of the same moment.
    """
    w, bars, runs, samples, out = words(w), borrow(bars), borrow(runs), borrow(samples), borrow(out)
    ip = w[O_INST]
    c0 = w[O_CCY]
    unit0 = as_float(w[c0 + C_UNIT_F]) * 1.0
    unit1 = as_float(w[c0 + CCY_COLS + C_UNIT_F])
    conv1 = as_float(w[c0 + CCY_COLS + C_CONV_F])
    row = 0
    taken = 0
    again = False
    before = -FAR
    for r in range(runs.shape[0]):
        while taken < runs[r, U_EQ]:
            out[row] = samples[taken]
            again |= samples[taken, 0] == before
            before = samples[taken, 0]
            row += 1
            taken += 1
        pos, cash0, cash1 = runs[r, U_POS], runs[r, U_CASH0], runs[r, U_CASH1]
        base = cash0 * unit0 if cash0 != 0 else 0.0
        size = pos * w[ip + I_MULT]
        for i in range(runs[r, U_FIRST], runs[r, U_FIRST] + runs[r, U_COUNT]):
            fp = bars[4, i] << MARK_FP_BITS
            equity = base
            if cash1 != 0:
                equity += cash1 * (unit1 * (1.0 * (fp * conv1)))
            # A mark without places below the tick: the value at the close is exact.
            v = size * bars[4, i] * unit0
            ts = bars[0, i]
            again |= ts == before
            before = ts
            out[row, 0] = ts
            out[row, 1] = as_bits(equity)
            out[row, 2] = as_bits(abs(v))
            out[row, 3] = as_bits(v)
            row += 1
    while taken < samples.shape[0]:
        out[row] = samples[taken]
        again |= samples[taken, 0] == before
        before = samples[taken, 0]
        row += 1
        taken += 1
    return again


LOTS_MAX = 2.0**60


@entry
def scaled(column: Words, numerator, denominator: float):
    """Integers times a decimal step, correctly rounded: 12345 * 0.01 is 123.45."""
    out = np.empty(column.size)
    for i in range(column.size):
        out[i] = column[i] * numerator / denominator
    return out


@entry
def lots_of(wanted, lot: float):
    """Wanted quantities to lots, NaN becomes HOLD; and whether one is beyond all sense."""
    absurd = False
    out = np.empty(wanted.size, np.int64)
    for i in range(wanted.size):
        x = wanted[i]
        r = np.rint(x / lot)
        absurd |= abs(r) >= LOTS_MAX
        out[i] = HOLD if x != x else np.int64(r)
    return out, absurd
