# SPDX-License-Identifier: MIT
"""What a simulated market is made of: assets, venues, agents, faults, attacks.

All of it is frozen; :func:`preset` gives three ready worlds and
``dataclasses.replace`` changes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from seawall.data.attacks.kinds import KINDS
from seawall.model.errors import SettingsError

VENUES = ("simex", "simswap", "simhub", "simport")
"""Names of simulated venues, in order of size."""


@dataclass(frozen=True, slots=True)
class AssetConfig:
    """One asset, traded against USDT as spot and perpetual on every venue.

    Parameters
    ----------
    base : str
        Currency.
    price : float
        Start of the fundamental value, USDT.
    tick, lot : Decimal
        Steps of price and quantity.
    volatility : float
        Volatility of the fundamental value, fraction per square root of a year.
    beta : float
        Correlation of the value's moves with the common factor.
    rate : float
        Base rate of flow events over all books, 1/s, before clustering.
    size : float
        Median taker size, base currency.
    reach : float
        Scale of limit placement, fraction of the price.
    """

    base: str
    price: float
    tick: Decimal
    lot: Decimal
    volatility: float = 0.5
    beta: float = 0.9
    rate: float = 9.0
    size: float = 0.03
    reach: float = 0.00014


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """Numbers and habits of the agents; times in seconds.

    The fields that a scorecard fact depends on were set by hand on facts 1 to 9, 11 and 13;
    ``docs/concepts/simulated-market.md`` says how.
    """

    makers: int = 4
    noise_traders: int = 200
    metaorders: int = 4
    value_traders: int = 40
    arbitrageurs: int = 3
    leveraged: int = 60
    depth: int = 250
    market_share: float = 0.28
    meta_share: float = 0.98
    meta_tail: float = 1.5
    polite_share: float = 0.6
    size_sd: float = 2.4
    limit_size_sd: float = 1.5
    placement_tail: float = 1.1
    life_s: float = 3.0
    life_power: float = 0.8
    hawkes_n: tuple[float, float, float] = (0.25, 0.35, 0.2)
    hawkes_s: tuple[float, float, float] = (0.05, 2.0, 60.0)
    value_tau_s: float = 1.0
    reference_tau_s: float = 1.0
    jump_per_day: float = 12.0
    jump_minutes: float = 3.5
    jump_skew: float = -0.1
    value_rate: float = 1.5
    value_gain: float = 1.0
    trend_gain: float = 0.7
    lever_rate: float = 0.002
    venue_edge: float = 0.0003
    basis_edge: float = 0.0012
    latency_s: float = 0.02
    maintenance: float = 0.005
    maker_wake_s: float = 1.0
    maker_band: float = 4.0
    maker_noise: float = 3.0
    leverage_effect: float = 0.006
    crisis: float = 0.5
    profile: float = 0.5
    idiosyncratic: float = 0.4
    volatility_sd: tuple[float, float, float] = (0.3, 0.6, 0.5)
    layer_step: float = 5.0
    touch_size: float = 6.0
    maker_close: float = 12.0
    maker_lag_ms: float = 0.6
    layer_share: float = 0.15
    seen_tau_s: float = 1.0
    lever_size: float = 1.0
    lever_high: float = 0.15
    tier_usd: float = 250_000.0
    tier_maintenance: float = 0.01
    fund_usd: float = 50_000.0
    liquidation_band: float = 0.02
    read_share: float = 0.0
    read_gain: float = 1.5
    peg_sd: float = 0.0


@dataclass(frozen=True, slots=True)
class FaultConfig:
    """What goes wrong on the way from the venues to us; counts over the whole run.

    Parameters
    ----------
    gaps, duplicates, reorders, stales : int
        Windows in which depth messages are lost, sent twice, swapped, or held back.
    length_s : float
        Length of such a window.
    clock_offset_ms : tuple of float
        Venue clock minus ours, one per venue, cyclically.
    latency_ms, jitter_ms : float
        Median feed latency, and the scale of its exponential tail.
    outages : int
        Windows in which the largest venue halts matching.
    outage_s : float
        Length of an outage.
    """

    gaps: int = 0
    duplicates: int = 0
    reorders: int = 0
    stales: int = 0
    length_s: float = 2.0
    clock_offset_ms: tuple[float, ...] = (0.0,)
    latency_ms: float = 8.0
    jitter_ms: float = 2.0
    outages: int = 0
    outage_s: float = 10.0


@dataclass(frozen=True, slots=True)
class AttackConfig:
    """One attack, as a script of :data:`seawall.data.simulated.attacks.SCRIPTS`.

    :class:`seawall.data.attacks.AttackSpec` says the same with defaults and labels.

    Parameters
    ----------
    kind : str
        Name of the script.
    start_s, duration_s : float
        Window, from the start of the feeds.
    intensity : float
        Strength in the unit of the kind: :data:`seawall.data.attacks.KINDS`.  Of the
        three plain ones: ``wash`` orders per second, ``spoof`` size in multiples of a
        hundred median takers, ``withdraw`` share of makers that leave.
    book : int
        Index of the instrument.
    params : tuple of (str, float)
        What else the script asks for; unknown names are refused when it runs.
    """

    kind: str
    start_s: float
    duration_s: float
    intensity: float = 1.0
    book: int = 0
    params: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in SCRIPTED:
            raise SettingsError(
                f"no attack {self.kind!r}", mend=f"choose one of {', '.join(SCRIPTED)}"
            )
        if self.duration_s <= 0 or self.intensity <= 0:
            raise SettingsError(
                "an attack needs a positive duration and intensity", where=self.kind
            )


SCRIPTED = (
    "wash", "spoof", "withdraw", *(k.name for k in KINDS.values() if k.acts_on == "market")
)  # fmt: skip
"""Attacks that agents of the simulation can carry out."""

BTC = AssetConfig("BTC", 60_000.0, Decimal("0.1"), Decimal("0.001"))
ETH = AssetConfig(
    "ETH", 2_600.0, Decimal("0.01"), Decimal("0.001"), volatility=0.6, beta=0.87, rate=7.0,
    size=0.5,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimConfig:
    """A whole simulated market.

    Parameters
    ----------
    duration_s : float
        Length of the feeds; the market runs ``warmup_s`` before they start.
    seed : int
        Root of all randomness.
    start_ns : int
        Receive time of the start of the feeds, ns UTC.
    assets : tuple of AssetConfig
        At least one.
    venues : int
        One to four; each lists spot and perpetual of every asset.
    funding_interval_s : int
        Between funding stamps of the perpetuals.
    depth_interval_ms : int
        Depth messages conflate this long; 0 sends every change.
    maker_fee, taker_fee : float
        Fractions of notional of the instruments' first fee tier.
    vip_maker_fee, vip_taker_fee : float
        Second tier, from a billion of volume; all agents are in it.
    quotes : tuple of str
        Quote currency of each venue, cyclically; values are in dollars, and
        ``agents.peg_sd`` and an attack move a currency off the dollar.
    """

    duration_s: float = 300.0
    seed: int = 7
    start_ns: int = 1_735_732_800_000_000_000
    assets: tuple[AssetConfig, ...] = (BTC, ETH)
    venues: int = 2
    perpetuals: bool = True
    funding_interval_s: int = 28_800
    depth_interval_ms: int = 100
    snapshot_every_s: float = 300.0
    warmup_s: float = 20.0
    maker_fee: float = 0.0002
    taker_fee: float = 0.0005
    vip_maker_fee: float = 0.0
    vip_taker_fee: float = 0.0002
    agents: AgentConfig = field(default_factory=AgentConfig)
    faults: FaultConfig = field(default_factory=FaultConfig)
    attacks: tuple[AttackConfig, ...] = ()
    quotes: tuple[str, ...] = ("USDT",)

    def __post_init__(self) -> None:
        if not self.assets or not 1 <= self.venues <= len(VENUES):
            raise SettingsError(
                f"{len(self.assets)} assets on {self.venues} venues",
                mend=f"give at least one asset and one to {len(VENUES)} venues",
            )
        if not self.quotes:
            raise SettingsError("no quote currency", where="quotes", mend='give ("USDT",)')
        if self.duration_s <= 0 or self.warmup_s < 1:
            raise SettingsError(
                "a simulation needs a positive duration and a second of warm-up",
                where=f"duration_s={self.duration_s}, warmup_s={self.warmup_s}",
            )
        for attack in self.attacks:
            if not 0 <= attack.book < self.books:
                raise SettingsError(
                    f"attack on book {attack.book}", mend=f"books are 0 to {self.books - 1}"
                )

    def quote_of(self, venue: int) -> str:
        """Quote currency of a venue, by its number."""
        return self.quotes[venue % len(self.quotes)]

    @property
    def books(self) -> int:
        """Number of instruments."""
        return len(self.assets) * self.venues * (2 if self.perpetuals else 1)


def preset(name: str) -> SimConfig:
    """Return ``small`` (3 minutes), ``demo`` (one hour), ``lab`` or ``day`` (one venue).

    ``lab`` is for many paired runs: a quarter of an hour of one asset on three venues, spot
    and perpetual, the third venue quoted in another stablecoin, leverage crowded enough for
    a cascade, and traders that read the book.  ``day`` keeps its whole order log in memory,
    about 3 GB.

    Raises
    ------
    SettingsError
        When there is no such preset.
    """
    small = SimConfig(duration_s=180.0)
    faults = FaultConfig(gaps=2, duplicates=2, reorders=2, stales=1, clock_offset_ms=(-3.0, 5.0))
    presets = {
        "small": small,
        "demo": replace(small, duration_s=3_600.0, funding_interval_s=3_600, faults=faults),
        "lab": SimConfig(
            duration_s=900.0,
            assets=(BTC,),
            venues=3,
            quotes=("USDT", "USDT", "USDC"),
            agents=AgentConfig(
                leveraged=160,
                lever_rate=0.01,
                lever_size=3.0,
                lever_high=0.5,
                read_share=0.3,
                peg_sd=0.0001,
            ),
        ),
        "day": replace(small, duration_s=86_400.0, venues=1, depth_interval_ms=1_000),
    }
    if name not in presets:
        raise SettingsError(f"no preset {name!r}", mend=f"choose one of {', '.join(presets)}")
    return presets[name]
