# SPDX-License-Identifier: MIT
"""Attacks that move the price: ignition, pump and dump, flash crash, cascade."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks.step import (
    ANCHOR_PLACES,
    Scene,
    Step,
    every,
    params_of,
    ppm,
)
from seawall.data.simulated.config import AttackConfig

_PACE_S = 0.05
_LEFT = 5  # median takers that stay where a sweep ended


def ramp(
    start_s: float, end_s: float, move: float, size: int, *, begin: float = 0.0, book: int = -1,
    anchor: int = 0,
) -> list[Step]:  # fmt: skip
    """Sweeps that drive the price in a line from ``begin`` to ``move``, fractions of the anchor.

    The order that stays where a sweep ended goes with the next; the last goes at the end.
    """
    side = 1 if move > 0 else -1
    slot = anchor + ANCHOR_PLACES
    times = list(every(start_s, end_s, _PACE_S))
    steps = [
        Step(
            t, 0, at.S_SWEEP, side, ppm(begin + (move - begin) * (k + 1) / len(times)),
            _LEFT * size, slot, anchor, book,
        )
        for k, t in enumerate(times)
    ]  # fmt: skip
    return [*steps, Step(end_s, 0, at.S_CANCEL, slot=slot, book=book)]


def unwind(start_s: float, end_s: float, pace_s: float = 0.25, book: int = -1) -> list[Step]:
    """Close the position by and by, giving up at most half a percent at a time."""
    times = list(every(start_s, end_s, pace_s))
    return [
        Step(t, 0, at.S_DUMP, 0, 5_000, min(1_000, 1_000 // (len(times) - k)), book=book)
        for k, t in enumerate(times)
    ]


def momentum_ignition(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Wait with sell orders above, burst upwards for three seconds, let the crowd come, sell."""
    settings = params_of(attack)
    steps: list[Step] = []
    time, slot, sign = attack.start_s, ANCHOR_PLACES + 1, 1
    far = max(2, round(attack.intensity * scene.price_ticks))
    while time + 10.0 <= attack.start_s + attack.duration_s:
        steps.append(Step(time, 0, at.S_ANCHOR))
        for k in range(4):
            offset = far * (5 + k) // 10
            steps.append(Step(time + 0.01, 1, at.S_LIMIT, -sign, offset, 20 * scene.size, slot))
            steps.append(Step(time + 6.0, 1, at.S_CANCEL, slot=slot))
            slot += 1
        steps += ramp(time + 0.1, time + 3.1, sign * attack.intensity, scene.size)
        steps += unwind(time + 4.0, time + 9.0)
        time += settings["period_s"] * (0.8 + 0.4 * rng.random())
        sign = -sign if settings["alternate"] else sign
    return steps


def pump_and_dump(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Accumulate quietly, rush the price up in bursts of one instant, sell to those who follow."""
    start, span = attack.start_s, attack.duration_s
    rush, top, dump = start + 0.3 * span, start + 0.5 * span, start + 0.6 * span
    steps: list[Step] = []
    time = start
    while time < rush:
        steps.append(Step(time, 0, at.S_TAKE, 1, 0, scene.size * int(rng.integers(1, 6))))
        time += int(rng.integers(300, 900)) / 1_000
    steps.append(Step(rush, 0, at.S_ANCHOR))
    # A sweep fills against many at one instant, as the orders of followers do.
    steps += ramp(rush + 0.01, top, attack.intensity, scene.size)
    steps += ramp(top, dump, attack.intensity, scene.size, begin=attack.intensity)
    steps += unwind(dump, start + span)
    return steps


def flash_crash(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Makers leave, one seller drives the price down, holds it there, and buys back."""
    del rng
    settings, size = params_of(attack), scene.size
    start, end = attack.start_s, attack.start_s + attack.duration_s
    bottom = start + 0.2 * attack.duration_s
    turn = start + 0.5 * attack.duration_s
    leave = round(1_000 * min(1.0, settings["withdrawn"]))
    books = scene.books if settings["everywhere"] else (attack.book,)
    steps = [Step(start, 0, at.S_ANCHOR)]
    steps += [Step(start, 0, at.S_DRY, lots=leave, book=b) for b in books]
    # Whoever crashes a market buys below: the bids there are also what stops the fall.
    floor, slot = -ppm(1.0005 * attack.intensity), 2 * ANCHOR_PLACES
    steps.append(Step(start + 0.05, 2, at.S_SWEEP, 1, floor, 2_000 * size, slot))
    steps.append(Step(turn, 2, at.S_CANCEL, slot=slot))
    steps += ramp(start + 0.1, bottom, -attack.intensity, size)
    steps += ramp(bottom, turn, -attack.intensity, size, begin=-attack.intensity)
    steps += [Step(turn, 0, at.S_DRY, lots=0, book=b) for b in books]
    steps += unwind(turn, end)
    return steps


def liquidation_cascade(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Push the perpetual and the spot books behind its index through liquidation levels."""
    del rng
    sign = 1 if params_of(attack)["squeeze"] else -1
    start, end = attack.start_s, attack.start_s + attack.duration_s
    bottom, turn = start + 0.4 * attack.duration_s, start + 0.6 * attack.duration_s
    move = sign * attack.intensity
    steps: list[Step] = []
    for k, book in enumerate(dict.fromkeys((attack.book, *scene.spots))):
        anchor = k * (ANCHOR_PLACES + 1)
        steps.append(Step(start, 0, at.S_ANCHOR, anchor=anchor, book=book))
        where = {"book": book, "anchor": anchor}
        steps += ramp(start + 0.1, bottom, move, scene.size, **where)
        steps += ramp(bottom, turn, move, scene.size, begin=move, **where)
        steps += unwind(turn, end, book=book)
    return steps
