# SPDX-License-Identifier: MIT
"""Answers of the venue as the hooks of a strategy in Python get them."""

from __future__ import annotations

from typing import Any

from seawall.engine import layout as L
from seawall.engine.strategy import FillNote, OrderNote, Strategy
from seawall.engine.terms import Scales
from seawall.engine.world import World
from seawall.model.order import OrderState, RejectReason, Side

_TOLD = L.N_SLOT + 1  # words of an answer that a hook is told
_STATES = tuple(OrderState)
_REASONS = {int(r): r for r in RejectReason}
_SIDES = {1: Side.BUY, -1: Side.SELL}
assert all(n == int(state) for n, state in enumerate(_STATES))


class Answers:
    """Reads the ring of answers and calls the hooks that a strategy has.

    Parameters
    ----------
    world : World
        The world whose ring is read.
    scales : Scales
        From ticks and lots to prices and quantities.
    strategy : object
        Who is told; hooks that it does not have cost nothing.
    """

    def __init__(self, world: World, scales: Scales, strategy: object) -> None:
        cells: Any = world
        self._cells: memoryview[int] = memoryview(cells)
        self._ring, self._last = int(world[L.O_NOTE]), int(world[L.H_CAP_RING]) - 1
        self._scales = scales
        kind = type(strategy)
        self._hears_fills = getattr(kind, "on_fill", None) is not Strategy.on_fill
        self._hears_orders = getattr(kind, "on_order", None) is not Strategy.on_order

    def tell(self, strategy: Strategy, count: int) -> None:
        """Call ``on_fill`` and ``on_order`` for the next answers of the ring."""
        cells, scales = self._cells, self._scales
        for _ in range(count):
            at = self._ring + (cells[L.H_NOTE_HEAD] & self._last) * L.NOTE_COLS
            cells[L.H_NOTE_HEAD] += 1
            if cells[at + L.N_KIND] == L.NOTE_FILL:
                if not self._hears_fills:
                    continue
                ts, _, number, n, side, px, lots, _, _, tag, maker, slot = cells[
                    at : at + _TOLD
                ].tolist()
                strategy.on_fill(
                    FillNote(
                        ts, number << 12 | slot, scales.names[n], _SIDES[side],
                        scales.price(n, px), scales.quantity(n, lots), maker != 0, tag,
                    )
                )  # fmt: skip
            elif self._hears_orders:
                ts, _, number, n, _, _, _, state, reason, tag, _, slot = cells[
                    at : at + _TOLD
                ].tolist()
                strategy.on_order(
                    OrderNote(
                        ts, number << 12 | slot, scales.names[n],
                        _STATES[state], _REASONS[reason], tag,
                    )
                )  # fmt: skip
