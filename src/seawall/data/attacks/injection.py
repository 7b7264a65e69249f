# SPDX-License-Identifier: MIT
"""Write an attack into an existing market; nobody in it reacts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seawall.data.attacks import feed, prints, reprice, shown
from seawall.data.attacks.assemble import Written
from seawall.data.attacks.kinds import KINDS, kind_of
from seawall.data.attacks.labels import Ints, Labels, direction_of
from seawall.data.attacks.scope import Scope, scope_of
from seawall.data.attacks.spec import AttackSpec
from seawall.model.errors import SettingsError
from seawall.model.events import BarField
from seawall.model.market import Market

Writer = Callable[[Scope], Written]

_WRITERS: dict[str, Writer] = {
    "data_poisoning": feed.offset_prices,
    "flash_crash": reprice.reprice,
    "layering": shown.show_orders,
    "momentum_ignition": reprice.reprice,
    "pump_and_dump": reprice.reprice,
    "quote_stuffing": shown.show_orders,
    "replayed_packets": feed.replay,
    "single_source_wick": feed.wick,
    "skewed_packets": feed.skew,
    "slow_drift": feed.offset_prices,
    "spoofing": shown.show_orders,
    "stablecoin_depeg": reprice.reprice,
    "wash_trading": prints.wash_prints,
}


def inject(
    market: Market, spec: AttackSpec, seed: int, origin_ns: int | None = None
) -> tuple[Market, Labels]:
    """Write an attack into a market, simulated or recorded.

    Nobody in the market reacts: a price that is pushed comes back because the attack ends,
    and a shown order moves nothing by itself.  Everything outside the window stays as it
    was, and books are as they were when it ends.

    Parameters
    ----------
    market : Market
        Clean; it is not changed.
    spec : AttackSpec
        What to write; its times count from the first event or bar.
    seed : int
        Of the attack; the same seed gives the same bytes.
    origin_ns : int, optional
        Instead of the first event, ns UTC.

    Returns
    -------
    Market, Labels
        A valid market, and what in it is forged.

    Raises
    ------
    SettingsError
        When the attack cannot be written into a recording, or does not fit this one.
    DataError
        When the instrument lacks a feed that the attack needs.
    """
    kind = kind_of(spec.kind)
    if spec.kind not in _WRITERS:
        possible = ", ".join(n for n in KINDS if n in _WRITERS)
        raise SettingsError(
            f"{spec.kind} lives on the reaction of others and cannot be written into a recording",
            where="AttackSpec.kind",
            mend=f"run it in the simulated market, or choose one of {possible}",
        )
    scope = scope_of(market, spec, seed, origin_ns)
    made = _WRITERS[spec.kind](scope)
    windows, directions = made.windows, made.directions
    if windows is None or directions is None:
        windows = np.array([[scope.start_ns, scope.end_ns]], np.int64)
        directions = np.array([direction_of(spec)], np.int64)
        if kind.acts_on == "feed":
            windows = _extent(made, windows)
    labels = Labels(
        spec, windows, directions, made.forged, made.forged_bars, realised=made.realised
    )
    return made.market, labels


def _extent(made: Written, window: Ints) -> Ints:
    """From the first to the last forged record; the window where nothing was changed."""
    ts = made.market.events["ts"][made.forged]
    ts = ts if ts.size else made.market.bars[BarField.TS][made.forged_bars]
    return np.array([[ts[0], ts[-1] + 1]], np.int64) if ts.size else window
