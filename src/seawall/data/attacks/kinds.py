# SPDX-License-Identifier: MIT
"""The registry of attacks: what each is, how strong it is by default, what is labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from seawall.model.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Param:
    """One further setting of a kind.

    Parameters
    ----------
    name : str
        As ``AttackSpec.params`` names it, units last.
    default : float
        Switches are 0 and 1.
    meaning : str
        In one line.
    """

    name: str
    default: float
    meaning: str


@dataclass(frozen=True, slots=True)
class AttackKind:
    """One kind of attack.

    Parameters
    ----------
    name : str
        As the command line and reports write it.
    family : str
        What it abuses: ``tape``, ``display``, ``price``, ``feed``, ``speed`` or ``money``.
    acts_on : str
        ``market``: agents of the simulated market carry it out and others react; written
        into a recording it meets no reaction.  ``feed``: what one source tells is forged,
        the market itself is untouched.
    summary : str
        What the attacker does.
    intensity, unit : str
        What ``AttackSpec.intensity`` measures, and in what.
    default_intensity, default_duration_s : float
        Taken when a spec names none.
    direction : int
        Sign of the push on the price or on what a model learns from it; 0 where it has none.
    labels : str
        What the ground truth marks.
    on_recordings : str
        How it is written into recorded events or bars; empty where that is impossible.
    on_bars : bool
        Whether a market of bars can carry it.
    params : tuple of Param
        Further settings.
    """

    name: str
    family: str
    acts_on: Literal["market", "feed"]
    summary: str
    intensity: str
    unit: str
    default_intensity: float
    default_duration_s: float
    direction: int
    labels: str
    on_recordings: str = ""
    on_bars: bool = False
    params: tuple[Param, ...] = ()


_SHOWN = (
    Param("distance", 8, "ticks from the touch to the first order"),
    Param("life_s", 2.0, "mean life of an order, s"),
    Param("pause_s", 1.0, "mean pause between two shows, s"),
    Param("alternate", 1, "1 changes sides after each show, 0 shows bids only"),
)
_FORGED = "every forged event or bar, exactly"

_ALL = (
    AttackKind(
        "wash_trading", "tape", "market",
        "Two accounts trade with each other.",
        "washed share of the venue's volume in the window", "share", 0.05, 120.0, 1,
        "orders of both accounts; every washed print",
        "prints at the touch without a change of the book", True,
        (Param("bias", 0.9, "share of washed prints whose taker buys"),),
    ),
    AttackKind(
        "spoofing", "display", "market",
        "One large order is shown behind the touch, and pulled before it trades.",
        "shown quantity over the mean quantity of the ten best levels", "multiple", 10.0, 120.0,
        0, "the shown orders; one window per show, with its direction",
        "a level grows and shrinks again", False, _SHOWN,
    ),
    AttackKind(
        "layering", "display", "market",
        "Several large orders are shown on neighbouring levels, and pulled.",
        "shown quantity of each order over the mean quantity of the ten best levels",
        "multiple", 4.0, 120.0, 0,
        "the shown orders; one window per show, with its direction",
        "levels grow and shrink again", False,
        (*_SHOWN, Param("levels", 5, "number of orders")),
    ),
    AttackKind(
        "quote_stuffing", "display", "market",
        "Orders come and go at the touch faster than anybody can mean them.",
        "order messages per second", "1/s", 400.0, 60.0, 0,
        "the orders; every change of the best prices that they caused",
        "pairs of book messages that cancel out", False,
    ),
    AttackKind(
        "momentum_ignition", "price", "market",
        "A burst of buying sets off the crowd, to which waiting orders then sell.",
        "height of a burst over the price before it", "fraction", 0.001, 120.0, 1,
        "orders of the attacker; one window per burst", "", False,
        (
            Param("period_s", 25.0, "mean time between bursts, s"),
            Param("alternate", 0, "1 changes direction after each burst"),
        ),
    ),
    AttackKind(
        "flash_crash", "price", "market",
        "Makers leave at once and one seller drives the price down; then they come back.",
        "depth of the fall over the price before it", "fraction", 0.02, 60.0, -1,
        "orders of the seller; the window from the leaving to the recovery",
        "levels near the touch go away, the touch gaps down and comes back", True,
        (
            Param("withdrawn", 0.9, "share of makers that leave, or of displayed depth"),
            Param("everywhere", 0, "1 takes the makers of all books of the asset away"),
        ),
    ),
    AttackKind(
        "pump_and_dump", "price", "market",
        "Quiet accumulation, a rush of buying, and sales to those who follow.",
        "height of the pump over the price before the rush", "fraction", 0.01, 120.0, 1,
        "orders of the attacker; the window from the first purchase to the last sale",
        "bars rise and fall back by a factor, volume swells", True,
    ),
    AttackKind(
        "latency_arbitrage", "speed", "market",
        "A fast taker hits quotes that other books have already left behind.",
        "looks per second", "1/s", 20.0, 300.0, 0,
        "orders of the fast taker; every print of theirs", "", False,
        (
            Param("edge", 0.00002, "least advantage over the quote, fraction of the price"),
            Param("informed", 0, "1 compares with the true value, 0 with the other books"),
        ),
    ),
    AttackKind(
        "liquidation_cascade", "price", "market",
        "A perpetual and its index are pushed through the liquidation levels of others.",
        "push over the price before it", "fraction", 0.01, 90.0, -1,
        "orders of the attacker; forced orders of others are in the labels of the market",
        "", False, (Param("squeeze", 0, "1 pushes upwards, against shorts"),),
    ),
    AttackKind(
        "stablecoin_depeg", "money", "market",
        "The quote currency of the book loses its peg to the dollar.",
        "fall of the quote currency against the dollar", "fraction", 0.05, 180.0, 1,
        "the window from the break to the return",
        "", False,
        (
            Param("fall_s", 5.0, "time constant of the fall, s"),
            Param("recovers", 1, "1 lets the peg come back after six tenths of the window"),
        ),
    ),
    AttackKind(
        "data_poisoning", "feed", "feed",
        "The prices that one source tells are off by a constant, for so many samples.",
        "offset over the standard deviation of returns over one horizon", "sd", 2.0, 1e9, 1,
        _FORGED, "prices of trades, best levels and bars are shifted", True,
        (
            Param("samples", 1_000, "forged price messages or bars; 0 is the whole window"),
            Param("horizon_s", 1.0, "horizon of the returns of events, s; of bars one bar"),
            Param("pattern", 0, "0 constant offset, 1 every return is off, 2 random signs"),
        ),
    ),
    AttackKind(
        "slow_drift", "feed", "feed",
        "The prices that one source tells drift away, too slowly to see.",
        "drift per day over the standard deviation of daily returns", "sd/day", 0.05, 1e9, 1,
        _FORGED, "prices of trades, best levels and bars are shifted", True,
        (Param("day_s", 86_400.0, "length of a day, s; shorter days speed the drift up"),),
    ),
    AttackKind(
        "replayed_packets", "feed", "feed",
        "Old messages of one source arrive once more, as if they were new.",
        "times that each message is sent again", "copies", 1.0, 30.0, 0,
        _FORGED, "messages return with a new receive time", True,
        (Param("delay_s", 20.0, "age of the replayed messages, s; of bars in bars"),),
    ),
    AttackKind(
        "skewed_packets", "feed", "feed",
        "The clock of one source is off, so that its old prices look new or future.",
        "how much later than it seems, a message was sent", "s", 5.0, 60.0, 0,
        _FORGED, "venue times move; with held=1 messages also arrive late", False,
        (Param("held", 1, "1 delays the messages and hides the delay, 0 only lies about time"),),
    ),
    AttackKind(
        "single_source_wick", "feed", "feed",
        "One source prints a few prices far from all others.",
        "height of the wick over the price", "fraction", 0.05, 1.0, -1,
        _FORGED, "trades and best levels, or one bar, reach out and come back", True,
    ),
)  # fmt: skip

KINDS: Mapping[str, AttackKind] = MappingProxyType({k.name: k for k in _ALL})
"""All attacks by name."""


def kind_of(name: str) -> AttackKind:
    """Return a kind.

    Raises
    ------
    SettingsError
        When there is none of that name.
    """
    if name not in KINDS:
        raise SettingsError(f"no attack {name!r}", mend=f"choose one of {', '.join(KINDS)}")
    return KINDS[name]
