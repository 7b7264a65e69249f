# SPDX-License-Identifier: MIT
"""Attacks written into recordings: real books and trades, in which nobody reacts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from seawall.analytics.manipulation.rows import rows_of
from seawall.data.attacks import KINDS, AttackSpec, inject
from seawall.model.errors import DataError, ResearchError
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind
from seawall.model.market import Market
from seawall.research.attack.attacks import ATTACKS, Dose, attack_of, forge_lessons
from seawall.research.attack.runs import run_variant
from seawall.research.attack.sampling import grid_of, sample
from seawall.research.attack.settings import VARIANTS, LabSettings, Terms
from seawall.research.attack.sight import sight_of
from seawall.research.attack.summary import AttackRow, summarise
from seawall.research.attack.teaching import Teaching, clean_window, teach_from
from seawall.research.attack.trial import (
    CLEAN,
    Record,
    alarm_quality,
    alarms,
    moved_by,
    record_of,
)

Advance = Callable[[float], None]
DRAWS = 10
"""Attacks per kind: begin and randomness of the attack differ, the recording is one."""
FEES = (FeeTier(Decimal(0), Decimal("0.0002"), Decimal(0)),)
"""The fees of the lab, so that both tables mean the same."""

RECORDED = LabSettings(
    terms=Terms(quantity=0.0, horizon=5, warmup=150, halflife=900.0, step_ms=200),
    duration_s=330.0, start_s=60.0,
)  # fmt: skip
"""Rows every 200 ms, because recordings of books are minutes long."""
NOTIONAL = 1_000.0
"""Largest position, quote currency."""
LENGTHS_S = {"data_poisoning": 200.0, "slow_drift": 200.0}
"""1,000 samples at 200 ms."""


def load_recording(paths: Sequence[Path]) -> tuple[Market, list[Instrument]]:
    """Import recordings of one asset; returns the market and its listings.

    The first listing is the linear perpetual where there is one: it is the one traded.

    Raises
    ------
    ResearchError
        When the recordings hold no book with trades, or several assets.
    """
    from seawall.research.demo.run import load_files

    with tempfile.TemporaryDirectory(prefix="seawall-attack-") as folder:
        market = load_files(list(paths), Path(folder), None, lambda text: None)
        market = replace(market, events=market.events.copy())
    market = replace(market, instruments=tuple(replace(i, fees=FEES) for i in market.instruments))
    feeds = {(s.venue, s.symbol, s.feed) for s in market.streams}
    listed = [
        i for i in market.instruments
        if {(i.venue, i.symbol, "depth"), (i.venue, i.symbol, "trades")} <= feeds
    ]  # fmt: skip
    if len({i.base for i in listed}) != 1:
        raise ResearchError(
            f"the recordings hold books and trades of {len({i.base for i in listed})} assets",
            where=", ".join(p.name for p in paths),
            mend="give depth and trades of one asset, on one or more venues",
        )
    listed.sort(key=lambda i: i.kind is not InstrumentKind.LINEAR)
    return market, listed


def teach_recorded(
    groups: Sequence[tuple[Market, list[Instrument]]], settings: LabSettings
) -> Teaching:
    """Make the golden set of recordings: one window per listing."""
    windows = []
    for market, listed in groups:
        for k, first in enumerate(listed):
            rest = [i for i in listed if i is not first]
            tables = [rows_of(market, i) for i in (first, *rest)]
            samples = sample(tables, grid_of(tables, settings.terms.step_ms * 1_000_000))
            only = replace(
                samples, features=samples.features[:, :1], mid=samples.mid[:, :1],
                volatility=samples.volatility[:, :1],
            )  # fmt: skip
            window = clean_window(f"{first.symbol}@{first.venue} {k}", only, settings.terms)
            whole = clean_window("all", samples, settings.terms).lessons
            windows.append(replace(window, lessons=whole))
    return teach_from(windows, settings)


def check_given(golden: Sequence[Path], names: Sequence[str] = ()) -> None:
    """Refuse what cannot be run, before anything is.

    Raises
    ------
    ResearchError
        When no golden recording is given.
    SettingsError
        When an attack is unknown.
    """
    if not golden:
        raise ResearchError(
            "attacks on a recording need a golden set",
            mend="give other recordings with --golden, of another asset or day",
        )
    for name in names:
        attack_of(name)


def attack_recordings(
    recorded: Sequence[Path], golden: Sequence[Path], names: Sequence[str] = (), *,
    draws: int = DRAWS, settings: LabSettings = RECORDED, advance: Advance = lambda amount: None,
) -> list[AttackRow]:  # fmt: skip
    """Write attacks into a recording and run the naive and the defended variant.

    Parameters
    ----------
    recorded : sequence of Path
        Files of one asset: depth and trades, on one or more venues.
    golden : sequence of Path
        Files of the golden set; another asset or another day.
    names : sequence of str
        Attacks; all that can be written into a recording when empty.
    draws : int
        Attacks per kind, at different times.
    settings : LabSettings
        Terms; the quantity is set from the price.
    advance : callable
        Called with 1 after each attack.

    Raises
    ------
    ResearchError
        When no golden recording is given, or the recordings hold several assets.
    SettingsError
        When an attack is unknown.
    """
    check_given(golden, names)
    market, listed = load_recording(recorded)
    teaching = teach_recorded([load_recording(golden)], settings)
    price = float(rows_of(market, listed[0]).columns["price"][0])
    terms = replace(settings.terms, quantity=_lots(NOTIONAL / price, listed[0]))
    used = replace(settings, terms=terms)
    records = list(_records(market, listed, teaching, used, names, draws, advance))
    return summarise(records)


def _lots(quantity: float, instrument: Instrument) -> float:
    lot = float(instrument.lot)
    return max(1, round(quantity / lot)) * lot


def possible(names: Sequence[str] = ()) -> list[str]:
    """Attacks that can be written into a recording."""
    return [
        a.name for a in ATTACKS.values()
        if (not names or a.name in names)
        and (a.acts_on == "lessons" or KINDS[a.kind].on_recordings)
    ]  # fmt: skip


def _records(
    market: Market, listed: list[Instrument], teaching: Teaching, settings: LabSettings,
    names: Sequence[str], draws: int, advance: Advance,
) -> Iterator[Record]:  # fmt: skip
    step = settings.terms.step_ms
    variants = ("naive", "defended")
    sight = sight_of(market, listed, step_ms=step)
    clean = {v: run_variant(sight, VARIANTS[v], teaching, settings) for v in variants}
    for k in range(draws):
        for v in variants:
            yield record_of(k, Dose(CLEAN), v, clean[v])
    for name in possible(names):
        attack = attack_of(name)
        length = LENGTHS_S.get(name, min(attack.duration_s, 60.0))
        for k in range(draws):
            room = settings.duration_s - length - settings.start_s - 60.0
            begin = settings.start_s + max(room, 0.0) * k / max(draws - 1, 1)
            here = replace(settings, start_s=begin)
            dose = Dose(name, attack.intensity, length)
            told, forged = market, None
            if attack.acts_on == "lessons":
                shape = (*sight.raw.features.shape[:2], sight.raw.features.shape[2] + 1)
                forged = forge_lessons(dose, shape, here, teaching)
            else:
                target = listed[min(1, len(listed) - 1)] if attack.acts_on == "feed" else listed[0]
                spec = AttackSpec(
                    attack.kind, start_s=begin, duration_s=length, intensity=dose.strength,
                    book=market.instruments.index(target),
                )  # fmt: skip
                try:
                    told, _ = inject(market, spec, k)
                except DataError:  # nothing of the source within the window
                    continue
            seen = sight
            if told is not market:
                base = market if attack.acts_on == "feed" else told
                seen = sight_of(base, listed, told, step)
            quality = alarm_quality(
                alarms(seen, teaching, here, forged), alarms(sight, teaching, here), here, dose
            )
            for v in variants:
                run = run_variant(seen, VARIANTS[v], teaching, here, forged)
                moved, recovery = moved_by(run, clean[v], teaching, here, dose)
                yield record_of(k, dose, v, run, moved, 0.0, recovery, *quality)
            advance(1)
