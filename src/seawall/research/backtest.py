# SPDX-License-Identifier: MIT
"""A backtest: a strategy, a market, settings; out comes a result with its uncertainty.

The result is never one curve: the run is repeated under a pessimistic and an
optimistic fill model, and the report shows the band between them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seawall.engine.outcome import Outcome
from seawall.engine.settings import EngineSettings
from seawall.model.errors import ResearchError
from seawall.model.events import BarField, EventKind
from seawall.model.market import Market

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from seawall.admission import AdmissionSettings
    from seawall.engine.run import AnyStrategy
    from seawall.research.report import NamedOutcome, PriceSeries, Summary, TableSection


def pessimistic(settings: EngineSettings) -> EngineSettings:
    """Fills as bad as the data allow: only trades move the queue, adverse path, slip twice."""
    fills = replace(
        settings.fills,
        queue="pessimistic",
        bar_path="adverse",
        bar_touch=False,
        slippage=settings.fills.slippage * 2,
    )
    return replace(settings, fills=fills)


def optimistic(settings: EngineSettings) -> EngineSettings:
    """Fills as good as the data allow: cancels ahead of us, favourable path, no slip."""
    fills = replace(
        settings.fills,
        queue="optimistic",
        bar_path="favourable",
        bar_touch=True,
        slippage=Decimal(0),
        impact=Decimal(0),
    )
    return replace(settings, fills=fills)


def assumptions(market: Market, settings: EngineSettings) -> list[str]:
    """State what a run on this market takes for granted, in sentences."""
    f, lat = settings.fills, settings.latency
    out = []
    if market.bars.shape[1]:
        out += [
            "Orders sent at the close of a bar are worked from the open of the next bar; "
            "a latency shorter than a bar is not felt.",
            f"Within a bar the price runs open, one extreme, the other, close; "
            f"the {f.bar_path} extreme comes first.",
            "A limit order is filled at its price when the bar "
            + ("touches" if f.bar_touch else "trades through")
            + " it, also when the bar opens beyond it.",
            f"Market orders pay {float(f.slippage) * 1e4:g} bps of slippage and take at most "
            f"{float(f.volume_cap) * 100:g} % of a bar's volume; the rest waits."
            if f.volume_cap
            else f"Market orders pay {float(f.slippage) * 1e4:g} bps of slippage; "
            "volume does not limit them.",
        ]
    if market.events.size:
        out += [
            f"Orders reach the venue after {lat.entry_ns / 1e6:g} ms, answers return after "
            f"{lat.response_ns / 1e6:g} ms"
            + (f", drawn from {len(lat.sampled)} recorded pairs." if lat.sampled else "."),
            f"Queue position is {f.queue}: the feed does not say whose orders were cancelled.",
            f"Liquidity that we took is withheld with a half-life of "
            f"{f.consumed_half_ns / 1e9:g} s, and {float(f.impact) * 100:g} % of the distance "
            f"we walked stands against us with a half-life of {f.impact_half_ns / 1e9:g} s.",
            "Other traders do not react to our orders.",
        ]
    out.append("Fees are those of the instrument's tier; taxes and withdrawal costs are left out.")
    return out


@dataclass(frozen=True)
class Result:
    """Result of a backtest.

    Parameters
    ----------
    name : str
        Name of the strategy.
    outcome : Outcome
        The run under the stated fill model.
    band : tuple of (str, Outcome)
        The same run under the pessimistic and the optimistic fill model.
    summary : Summary
        Metrics, intervals and inference.
    market : Market
        What it ran on.
    settings : EngineSettings
        With what.
    rivals : tuple of (str, Outcome)
        Runs to be compared with in the report.
    extra_assumptions : tuple of str
        Sentences behind those that market and settings imply.
    sections : tuple of TableSection
        What else stands in the report, behind the overview.
    """

    name: str
    outcome: Outcome
    band: tuple[tuple[str, Outcome], ...]
    summary: Summary
    market: Market
    settings: EngineSettings
    rivals: tuple[tuple[str, Outcome], ...] = ()
    extra_assumptions: tuple[str, ...] = ()
    sections: tuple[TableSection, ...] = ()

    @property
    def fingerprint(self) -> str:
        """sha256 over orders, fills and equity."""
        return self.outcome.fingerprint

    def beside(self, name: str, other: Result) -> Result:
        """Return this result with another as a rival in its report."""
        return replace(self, rivals=(*self.rivals, (name, other.outcome)))

    def report(self, path: str | Path, *, title: str = "", manifest: Any = None) -> Path:
        """Write the self-contained HTML report; returns its path."""
        from seawall.research.report import NamedOutcome, write_html

        def named(runs: Sequence[tuple[str, Outcome]]) -> list[NamedOutcome]:
            return [NamedOutcome(name, outcome) for name, outcome in runs]

        return write_html(
            self.outcome,
            path,
            title=title or f"{self.name} on {', '.join(_symbols(self.market))}",
            summary=self.summary,
            name=self.name,
            band=named(self.band),
            comparison=named(self.rivals),
            price=price_series(self.market),
            assumptions=[*assumptions(self.market, self.settings), *self.extra_assumptions],
            manifest=manifest,
            extra=self.sections,
        )

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write fills, orders, trades and equity as Parquet and the figures as JSON."""
        from seawall.research.report import write_files

        return write_files(self.outcome, folder, self.summary)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from seawall.research.report import comparison_table, metrics_table, summarise

        yield metrics_table(self.summary.metrics, self.summary.intervals, title=self.name)
        runs = [(n, summarise(o, bootstrap=0)) for n, o in (*self.band, *self.rivals)]
        if runs:
            yield comparison_table([(self.name, self.summary), *runs], title="Fill models, rivals")

    def __str__(self) -> str:
        from io import StringIO

        from rich.console import Console

        text = StringIO()
        Console(file=text, width=100).print(self)
        return text.getvalue()


@dataclass(frozen=True)
class Backtest:
    """A strategy over a market.

    Parameters
    ----------
    strategy : Strategy, TargetStrategy or CompiledStrategy
        What trades.
    market : Market or str
        The market, or a symbol of the catalogue.
    bars : str
        With a symbol: length of the bars, for example ``"1h"``; empty for events.
    venue : str
        With a symbol: the venue; empty takes the only one that has it.
    start, end : str
        With a symbol: ISO 8601 times; empty for all.
    catalogue : str or Path
        With a symbol: folder of the catalogue.
    settings : EngineSettings
        Latency, fills, account.
    band : bool
        Whether to run the pessimistic and optimistic fill models too.
    trials : int
        Configurations tried to arrive at this one, for the deflated Sharpe ratio.
    bootstrap : int
        Resampled paths for the intervals.
    name : str
        For the report; empty takes the strategy's class.
    admission : AdmissionSettings, optional
        Judge the events first, and show the strategy only what was admitted; the result says
        how many were refused.
    """

    strategy: AnyStrategy
    market: Market | str
    bars: str = ""
    venue: str = ""
    start: str = ""
    end: str = ""
    catalogue: str | Path = "catalogue"
    settings: EngineSettings = field(default_factory=EngineSettings)
    band: bool = True
    trials: int = 1
    bootstrap: int = 1_000
    name: str = ""
    admission: AdmissionSettings | None = None

    def run(self) -> Result:
        """Run, under three fill models, and measure.

        Raises
        ------
        ResearchError
            When the market holds nothing to run on.
        """
        from seawall.research.report import summarise

        market = self.market if isinstance(self.market, Market) else self._load()
        if not market.events.size and not market.bars.shape[1]:
            raise ResearchError(
                "the market holds no events and no bars",
                where=", ".join(_symbols(market)),
                mend="choose another span or kind; `seawall data list` shows what there is",
            )
        market, refusals = self._admit(market)
        outcome = run_once(self.strategy, market, self.settings)
        band: tuple[tuple[str, Outcome], ...] = ()
        if self.band:
            band = (
                ("pessimistic", run_once(self.strategy, market, pessimistic(self.settings))),
                ("optimistic", run_once(self.strategy, market, optimistic(self.settings))),
            )
        summary = summarise(
            outcome, trials=self.trials, seed=self.settings.seed, bootstrap=self.bootstrap
        )
        return Result(
            self._name(), outcome, band, summary, market, self.settings,
            extra_assumptions=refusals,
        )  # fmt: skip

    def _admit(self, market: Market) -> tuple[Market, tuple[str, ...]]:
        """Leave out what admission refuses, and say how much that was."""
        if self.admission is None or not market.events.size:
            return market, ()
        from seawall.admission.market import admit_market, admitted

        mask, report = admit_market(market, self.admission, seed=self.settings.seed)
        reasons = {
            reason: sum(counts[reason] for counts in report.counts.values())
            for reason in next(iter(report.counts.values()))
        }
        said = ", ".join(f"{n:,} {name}" for name, n in reasons.items() if n and name != "admitted")
        line = (
            f"Admission refused {report.refused:,} of {market.events.size:,} events"
            f"{f' ({said})' if said else ''}; neither the strategy nor the venue of the backtest "
            "saw them."
        )
        return admitted(market, mask), (line,)

    def _name(self) -> str:
        return self.name or str(getattr(self.strategy, "name", type(self.strategy).__name__))

    def _load(self) -> Market:
        from seawall.data import Catalogue
        from seawall.research.choose import load_market

        assert isinstance(self.market, str)
        return load_market(
            Catalogue(self.catalogue), self.market, self.bars, self.venue, self.start, self.end
        )


def run_once(strategy: AnyStrategy, market: Market, settings: EngineSettings) -> Outcome:
    """Run a fresh copy of a strategy over a market once."""
    from seawall.engine.run import Engine

    fresh = copy.deepcopy(strategy) if not _is_shared(strategy) else strategy
    engine = Engine(market, fresh, settings)
    engine.feed(market.events, market.bars)
    return engine.finish()


def _is_shared(strategy: object) -> bool:
    """Frozen forms hold no state of a run; compiled functions cannot be copied."""
    from seawall.engine.strategy import CompiledStrategy, TargetStrategy

    return isinstance(strategy, TargetStrategy | CompiledStrategy)


def _symbols(market: Market) -> list[str]:
    return [i.symbol for i in market.instruments]


def price_series(market: Market, points: int = 20_000) -> list[PriceSeries]:
    """Prices for the chart of fills: closes of bars, or trades thinned to ``points``."""
    from seawall.research.report import PriceSeries

    inst_of = np.asarray(market.instrument_of_stream())
    out = []
    for n, instrument in enumerate(market.instruments):
        ts, ticks = _prices_of(market, inst_of, n)
        step = max(1, ts.size // points)
        if ts.size:
            price = ticks[::step] * float(instrument.tick)
            out.append(PriceSeries(instrument.symbol, ts[::step].copy(), price))
    return out


def _prices_of(market: Market, inst_of: Any, n: int) -> tuple[Any, Any]:
    if market.bars.shape[1]:
        pick = inst_of[market.bars[BarField.STREAM]] == n
        return market.bars[BarField.TS][pick], market.bars[BarField.CLOSE][pick]
    ev = market.events
    pick = (inst_of[ev["stream"]] == n) & (ev["kind"] == EventKind.TRADE)
    if not pick.any():
        pick = (inst_of[ev["stream"]] == n) & (ev["kind"] == EventKind.TOP)
    return ev["ts"][pick], ev["px"][pick].astype(np.int64)
