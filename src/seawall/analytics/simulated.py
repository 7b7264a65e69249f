# SPDX-License-Identifier: MIT
"""Which simulated market an analytic reads, how much of it, and the table made of it.

Four sources, each made when it is first asked for and kept: the agents' market (books and
trades of two coins at two venues; above an hour, of one quiet coin); a chain of options and a
book of one coin in the other beside it; and price paths without agents, for bars of minutes,
hours and days and for many coins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from seawall.analytics.from_market import instrument_of, table_of
from seawall.analytics.from_markets import JOINT, joint_table
from seawall.analytics.spec import Analytic
from seawall.data.simulated.config import BTC, AgentConfig, SimConfig
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

    from seawall.data.simulated.beside.chain import SimulatedChain
    from seawall.data.simulated.beside.paths import Paths
    from seawall.data.simulated.result import SimulatedMarket
    from seawall.model.market import Market

USUAL_S: Final = 60.0
"""Length of a market when none is asked for and the analytic needs no longer one."""

LONG_S: Final = 3_600.0
"""Above this length a single quiet coin is simulated: agents cost by the event."""

COINS: Final = 12
CHAIN: Final = frozenset(("forward", "strike", "option_price", "call"))
FUTURE: Final = frozenset(("perp_px", "years"))
DAYS: Final = frozenset(("daily_vol", "trades"))
QUIET: Final = SimConfig(
    assets=(replace(BTC, rate=0.5),), venues=1, perpetuals=False,
    agents=AgentConfig(makers=2, maker_wake_s=5.0, value_rate=0.05),
)  # fmt: skip
"""One coin at one venue with few orders, for hours of it."""

Bar = Callable[[str, float | None], AbstractContextManager[Callable[[float], None]]]
"""Shows a bar while a block runs: ``with bar(what, total) as advance``."""


@contextmanager
def no_bar(what: str, total: float | None = None) -> Iterator[Callable[[float], None]]:
    """Show nothing."""
    yield lambda amount: None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table that an analytic reads, and in words where it came from."""

    table: pl.DataFrame
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants other than the analytic's own needs; empty and 0: nothing.

    Parameters
    ----------
    seconds : float
        Least length of the market.
    symbol, venue : str
        Instrument; symbols by commas where several are read.
    bar_s : float
        Length of bars.
    expiry_days : float
        Only the expiry that is nearest to this.
    """

    seconds: float = 0.0
    symbol: str = ""
    venue: str = ""
    bar_s: float = 0.0
    expiry_days: float = 0.0


class Simulation:
    """Simulated markets of one seed, each made once.

    Parameters
    ----------
    seed : int
        Root of all randomness.
    bar : callable, optional
        Shows progress.
    """

    def __init__(self, seed: int = 7, bar: Bar = no_bar) -> None:
        self.seed = seed
        self._bar = bar
        self._runs: dict[SimConfig, tuple[SimulatedMarket, Market]] = {}
        self._chains: dict[tuple[float, int], SimulatedChain] = {}
        self._crosses: dict[float, Market] = {}
        self._paths: dict[tuple[int, float, int], Paths] = {}

    def run(self, seconds: float, *, quiet: bool = False) -> tuple[SimulatedMarket, Market]:
        """The agents' market of a length: the run with its truth, and its events."""
        from seawall.data.simulated.sim import Sim

        config = replace(QUIET if quiet else SimConfig(), duration_s=seconds, seed=self.seed)
        if config not in self._runs:
            with self._bar(f"simulating {seconds:g} s", 1.0) as advance:
                done = [0.0]

                def told(share: float) -> None:
                    advance(share - done[0])
                    done[0] = share

                made = Sim(config).run(told)
            with self._bar("publishing what was simulated", None):
                self._runs[config] = made, made.to_market()
        return self._runs[config]

    def chain(self, seconds: float, symbol: str = "", venue: str = "") -> SimulatedChain:
        """Options on one instrument of the agents' market of a length, the first by itself."""
        from seawall.data.simulated.beside.chain import option_chain

        run, market = self.run(seconds)
        key = (seconds, market.instruments.index(instrument_of(market, symbol, venue)))
        if key not in self._chains:
            self._chains[key] = option_chain(run, book=key[1])
        return self._chains[key]

    def cross(self, seconds: float) -> Market:
        """The agents' market of a length with the cross of its two coins."""
        from seawall.data.simulated.beside.cross import with_cross

        if seconds not in self._crosses:
            self._crosses[seconds] = with_cross(self.run(seconds)[0])
        return self._crosses[seconds]

    def paths(self, bars: int, bar_s: float, coins: int = 1) -> Paths:
        """Bars without agents."""
        from seawall.data.simulated.beside.paths import PathConfig, paths

        key = (bars, bar_s, coins)
        if key not in self._paths:
            steps = 24 if bar_s <= 3_600.0 else 96
            config = PathConfig(bars, bar_s, coins, self.seed, steps=steps)
            self._paths[key] = paths(config)
        return self._paths[key]


def draw(simulation: Simulation, analytic: Analytic, asked: Asked | None = None) -> Drawn:
    """Table of a simulated market that an analytic reads, as long as it needs at least.

    Parameters
    ----------
    simulation : Simulation
        Where markets come from and are kept.
    analytic : Analytic
        Its inputs choose the source, its ``need`` the least length.
    asked : Asked, optional
        What else is wanted.

    Raises
    ------
    SettingsError
        When a length is below 0.
    ResearchError
        When there is no such instrument.
    """
    asked = asked or Asked()
    if not asked.seconds >= 0.0:
        raise SettingsError(
            f"{asked.seconds:g} seconds", where="simulated market", mend="give seconds above 0"
        )
    wanted, need = set(analytic.inputs), analytic.need
    seconds = max(asked.seconds or USUAL_S, need.seconds)
    longer = " (the least it needs)" if 0.0 < asked.seconds < seconds else ""
    length = f"simulated {seconds:g} s{longer}, seed {simulation.seed}"
    if wanted >= FUTURE:
        return _future(simulation, seconds, asked, length)
    if wanted & CHAIN:
        return _chain(simulation, analytic, seconds, asked, length)
    if "returns" in wanted or wanted & DAYS or need.bars:
        return _bars(simulation, analytic, asked)
    if wanted & JOINT:
        return _joint(simulation, analytic, seconds, asked, length)
    quiet = seconds > LONG_S and not (asked.symbol or asked.venue)
    market = simulation.run(seconds, quiet=quiet)[1]
    one = instrument_of(market, asked.symbol, asked.venue)
    table = table_of(market, one, analytic.inputs, bar_s=asked.bar_s or 1.0, levels=need.levels)
    agents = "agents" if not quiet else "agents in a quiet coin"
    return Drawn(table, f"{one.symbol} at {one.venue}: {agents}, {length}")


def _future(simulation: Simulation, seconds: float, asked: Asked, length: str) -> Drawn:
    from seawall.analytics.from_options import futures_table

    chain = simulation.chain(seconds, asked.symbol, asked.venue)
    table = futures_table(chain, asked.expiry_days or 30.0)
    what = f"future in {table['days'][0]:g} days"
    return Drawn(table, f"{what} and spot {chain.underlying}: maker on agents' spot, {length}")


def _chain(
    simulation: Simulation, analytic: Analytic, seconds: float, asked: Asked, length: str
) -> Drawn:
    """The stream of quotes for a streaming analytic, the chain at the end for a fit."""
    import polars as pl

    from seawall.analytics.from_options import last_chain, quotes_table

    chain = simulation.chain(seconds, asked.symbol, asked.venue)
    origin = f"options on {chain.underlying}: maker on a known surface and agents' spot, {length}"
    days = asked.expiry_days or analytic.need.expiry_days
    nearest = min(chain.config.days, key=lambda d: abs(d - days)) if days else 0.0
    if nearest:
        origin = f"expiry in {nearest:g} days of {origin}"
    if analytic.fit is None:
        table = quotes_table(chain)
        return Drawn(table.filter(pl.col("days") == nearest) if nearest else table, origin)
    last = last_chain(chain).tradable()
    if nearest:
        last = last.take(abs(365.0 * last.years - nearest) < 1.0)
    return Drawn(pl.DataFrame(last.columns), origin)


def _bars(simulation: Simulation, analytic: Analytic, asked: Asked) -> Drawn:
    """Bars of the coins that were named; else of the first, or of all for a panel."""
    import polars as pl

    need, named = analytic.need, _symbols(asked)
    panel = "returns" in analytic.inputs
    if asked.venue:
        raise SettingsError(
            f"{analytic.name} reads price paths, which have no venue", where="simulated market",
            mend="name no venue, or give recorded data",
        )  # fmt: skip
    bar_s = asked.bar_s or need.bar_s
    bars = max(need.bars, int(asked.seconds / bar_s), 2)
    paths = simulation.paths(bars, bar_s, COINS if panel or named else 1)
    picks = _picked(named or (paths.names if panel else paths.names[:1]), paths.names)
    what = paths.names[picks[0]] if len(picks) == 1 else f"{len(picks)} coins"
    origin = (
        f"{what}: price paths without agents, {bars} bars of {bar_s:g} s simulated, "
        f"seed {simulation.seed}"
    )
    if not panel:
        return Drawn(paths.frame(picks[0]), origin)
    wanted = [paths.names[k] for k in picks]
    return Drawn(paths.closes().filter(pl.col("symbol").is_in(wanted)), origin)


def _symbols(asked: Asked) -> tuple[str, ...]:
    return tuple(s.strip() for s in asked.symbol.split(",") if s.strip())


def _picked(named: tuple[str, ...], held: tuple[str, ...]) -> list[int]:
    if lost := [n for n in named if n not in held]:
        raise SettingsError(
            f"there is no coin {lost[0]!r} among the price paths", where="simulated market",
            mend=f"there are: {', '.join(held)}",
        )  # fmt: skip
    return [held.index(n) for n in named]


def _joint(
    simulation: Simulation, analytic: Analytic, seconds: float, asked: Asked, length: str
) -> Drawn:
    """Books of several instruments at once; a triangle has a maker's book as its third."""
    third = any(n.endswith("_3") for n in analytic.inputs)
    market = simulation.cross(seconds) if third else simulation.run(seconds)[1]
    chosen = [instrument_of(market, symbol, asked.venue) for symbol in _symbols(asked)]
    table = joint_table(market, analytic.inputs, chosen)
    what = "triangle at one venue" if third else "books that fit together"
    what = ", ".join(f"{i.symbol} at {i.venue}" for i in chosen) or what
    who = "agents, and a maker of the cross" if third else "agents"
    return Drawn(table, f"{what}: {who}, {length}")
