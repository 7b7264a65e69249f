# SPDX-License-Identifier: MIT
"""What the lab runs: the strategy's terms, its defences, and the market it trades in."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.data.simulated import SimConfig
    from seawall.model.instrument import Instrument
    from seawall.model.market import Market


@dataclass(frozen=True, slots=True)
class Defences:
    """Which defences are up.

    Parameters
    ----------
    admission : bool
        Refused events are not seen, and what a source teaches against all others is not
        learned.
    clipping : bool
        A row of what is learned counts up to its clip radius.
    gate : bool
        The model is held in the golden corridor and rolled back.
    evidence : bool
        Features that detectors hold to be manipulated are set to their usual value.
    toxicity : bool
        Rows from toxic flow weigh less in learning.
    breaker : bool
        No new position while the market is not itself.
    """

    admission: bool = True
    clipping: bool = True
    gate: bool = True
    evidence: bool = True
    toxicity: bool = True
    breaker: bool = True

    def without(self, name: str) -> Defences:
        """Return these defences with one taken away.

        Raises
        ------
        SettingsError
            When there is no such defence.
        """
        if name not in DEFENCES:
            raise SettingsError(f"no defence {name!r}", mend=f"choose one of {', '.join(DEFENCES)}")
        return replace(self, **{name: False})

    @property
    def any(self) -> bool:
        """Whether at least one is up."""
        return any(getattr(self, f.name) for f in fields(self))


DEFENCES = tuple(f.name for f in fields(Defences))
"""Names of all defences."""

NAIVE = Defences(False, False, False, False, False, False)
FULL = Defences()

VARIANTS: dict[str, Defences] = {
    "naive": NAIVE,
    "defended": FULL,
    **{f"without {name}": FULL.without(name) for name in DEFENCES},
}
"""Every variant that a campaign runs, by the name that its results bear."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the strategy trades; the same for every variant.

    Parameters
    ----------
    quantity : float
        Largest position, base currency.
    horizon : int
        Rows that a forecast looks ahead.
    quote_edge : float
        Forecast from which the better side of the book is joined, fraction of the price.
    take_edge : float
        Forecast from which the spread and the taker fee are paid, fraction.
    warmup : int
        Rows before the first order and the first lesson.
    halflife : float
        Memory of the learner, lessons; every source gives one per row.
    step_ms : int
        Time between two rows, milliseconds.
    patience_s : float
        Seconds for which a position is worked off passively when the breaker opens; what is
        left then is closed at the touch.
    """

    quantity: float = 50.0
    horizon: int = 5
    quote_edge: float = 0.5e-4
    take_edge: float = 2.5e-4
    warmup: int = 120
    halflife: float = 900.0
    step_ms: int = 1_000
    patience_s: float = 5.0

    def rows(self, seconds: float) -> int:
        """Rows in so many seconds."""
        return int(seconds * 1_000 / self.step_ms)


@dataclass(frozen=True, slots=True)
class LabSettings:
    """A campaign.

    Parameters
    ----------
    terms : Terms
        How the strategy trades.
    duration_s : float
        Length of each market, seconds.
    start_s : float
        Begin of the attack.
    golden_seeds : tuple of int
        Seeds of the clean markets that the golden rows come from; never traded.
    false_alarm_rate : float
        Rollbacks per check, without drift, that the gate is calibrated for.
    check_every : int
        Rows between two checks of the gate.
    paths : int
        Simulated paths per null of the gate's calibration.
    """

    terms: Terms = field(default_factory=Terms)
    duration_s: float = 1_800.0
    start_s: float = 500.0
    golden_seeds: tuple[int, ...] = tuple(range(900_001, 900_013))
    false_alarm_rate: float = 1e-5
    check_every: int = 60
    paths: int = 60

    def __post_init__(self) -> None:
        if self.duration_s < self.start_s + 60:
            raise SettingsError(
                f"a market of {self.duration_s:g} s with an attack at {self.start_s:g} s",
                where="LabSettings",
                mend="leave at least a minute after the start of the attack",
            )


SYMBOL = "COIN/USDT:USDT"


def lab_config(seed: int, settings: LabSettings) -> SimConfig:
    """Market of the lab: one small coin, spot and perpetual on three venues.

    Fees are those of the largest accounts (maker 0, taker 2 bps), because at the public
    fees a strategy of seconds has nothing to lose to an attack; and news reaches the traders
    of a small coin over some seconds, because where it takes one there is nothing to forecast.
    """
    from decimal import Decimal

    from seawall.data.simulated import AgentConfig, AssetConfig, SimConfig

    coin = AssetConfig(
        "COIN", 20.0, Decimal("0.0002"), Decimal("1"), volatility=1.5, size=90.0, reach=1.2e-4
    )
    return SimConfig(
        duration_s=settings.duration_s, seed=seed, assets=(coin,), venues=3,
        maker_fee=0.0, taker_fee=0.0002, agents=AgentConfig(value_tau_s=4.0),
    )  # fmt: skip


def sources_of(market: Market, symbol: str = SYMBOL) -> list[Instrument]:
    """Listings of a symbol in a market, in its order; the first is the traded one."""
    return [i for i in market.instruments if i.symbol == symbol]
