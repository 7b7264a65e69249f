# SPDX-License-Identifier: MIT
"""Taking the logs out of the world and making the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from seawall.engine import layout as L
from seawall.engine.outcome import EQUITY, FILL, ORDER, Outcome, Totals
from seawall.engine.settings import EngineSettings
from seawall.engine.world import World, bits_float, currencies_of, money_decimals
from seawall.model.errors import EngineError
from seawall.model.events import Bars, empty_bars
from seawall.model.instrument import Instrument
from seawall.model.order import FINAL


def fill_model_name(settings: EngineSettings, *, on_bars: bool) -> str:
    """One line that says how fills were simulated, for the report."""
    f, latency = settings.fills, settings.latency
    if on_bars:
        cap = f"volume cap {float(f.volume_cap) * 100:g} %" if f.volume_cap else "no volume cap"
        return (
            f"next open, slippage {float(f.slippage) * 1e4:g} bps, {cap}, "
            f"path: {f.bar_path} extreme first"
        )
    if latency.sampled:
        delay = f"{len(latency.sampled)} recorded latencies"
    else:
        delay = f"latency {latency.entry_ns / 1e6:g} ms + {latency.response_ns / 1e6:g} ms"
    return (
        f"queue {f.queue}, {delay}, own impact {float(f.impact) * 100:g} %, "
        f"taken liquidity back after {f.consumed_half_ns / 1e9:g} s (half)"
    )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Equity of one chunk: logged samples and quiet runs over its bars."""

    bars: Bars
    runs: npt.NDArray[np.int64]
    samples: npt.NDArray[np.int64]


class _DeferredOutcome(Outcome):
    """An outcome whose equity is written out when it is first asked for."""

    @property
    def equity(self) -> npt.NDArray[np.void]:
        """Equity samples."""
        held = self.__dict__["_equity"]
        if callable(held):
            held = self.__dict__["_equity"] = held()
        return held  # type: ignore[no-any-return]

    @equity.setter
    def equity(self, value: object) -> None:
        self.__dict__["_equity"] = value

    def __reduce__(self) -> tuple[object, ...]:
        return (Outcome, tuple(getattr(self, f.name) for f in fields(self)))


class Collector:
    """Drains the logs of a world, chunk by chunk, and sums them up at the end."""

    def __init__(
        self, world: World, instruments: Sequence[Instrument], settings: EngineSettings
    ) -> None:
        self._w = world
        self._instruments = tuple(instruments)
        self._fills: list[npt.NDArray[np.int64]] = []
        self._orders: list[npt.NDArray[np.int64]] = []
        self._equity: list[_Chunk] = []
        self.bars: Bars = empty_bars()
        self.currency = currencies_of(instruments, settings)[0]
        self.decimals = money_decimals(instruments)
        self._initial = self._deposited()
        self._closed = False

    def drain(self) -> None:
        """Copy the rows of the three logs out and empty them.

        Raises
        ------
        EngineError
            When the kernel counted a broken invariant: a defect that must not pass.
        """
        w = self._w
        for count, offset, cols, into in (
            (L.H_N_FILL, L.O_FILL, L.FILL_COLS, self._fills),
            (L.H_N_ORDLOG, L.O_ORDLOG, L.ORDLOG_COLS, self._orders),
        ):
            n = int(w[count])
            if n:
                at = int(w[offset])
                into.append(w[at : at + n * cols].copy())
                w[count] = 0
        self._drain_equity()
        if w[L.H_FAULTS]:
            raise EngineError(
                f"the kernel broke an invariant {int(w[L.H_FAULTS])} times",
                mend="this is a defect of Seawall: keep the journal and report it",
            )

    def fills_since(self, chunk: int) -> list[npt.NDArray[np.int64]]:
        """Return the drained chunks of fills from the one numbered ``chunk`` on."""
        return self._fills[chunk:]

    def orders_since(self, chunk: int) -> list[npt.NDArray[np.int64]]:
        """Return the drained chunks of ended orders from the one numbered ``chunk`` on."""
        return self._orders[chunk:]

    @property
    def held_bytes(self) -> int:
        """Memory of the rows drained so far: what the outcome will be made of."""
        logs = [*self._fills, *self._orders]
        logs += [array for c in self._equity for array in (c.runs, c.samples)]
        return sum(array.nbytes for array in logs)

    def outcome(self, fill_model: str) -> Outcome:
        """Drain what is left and give the columns of the whole run."""
        if not self._closed:
            self._log_open_orders()
            self._closed = True
        self.drain()
        initial = self._initial
        if initial is None:
            equity = self._expand()
            initial = float(equity["equity"][0]) if equity.size else 0.0
        return _DeferredOutcome(
            instruments=self._instruments,
            currency=self.currency,
            initial_equity=initial,
            money_decimals=self.decimals,
            equity=self._expand,  # type: ignore[arg-type]
            fills=_join(self._fills, FILL),
            orders=_join(self._orders, ORDER),
            totals=self._totals(),
            fill_model=fill_model,
        )

    def _drain_equity(self) -> None:
        w = self._w
        rows, runs = int(w[L.H_N_EQ]), int(w[L.H_N_RUN])
        if rows or runs:
            at, start = int(w[L.O_EQ]), int(w[L.O_RUN])
            samples = w[at : at + rows * L.EQ_COLS].reshape(-1, L.EQ_COLS).copy()
            stretch = w[start : start + runs * L.RUN_COLS].reshape(-1, L.RUN_COLS).copy()
            self._equity.append(_Chunk(self.bars, stretch, samples))
            w[L.H_N_EQ] = w[L.H_N_RUN] = 0

    def _expand(self) -> npt.NDArray[np.void]:
        """Write out the equity samples of the whole run, quiet bars included."""
        from seawall.engine.kernel.expand import expand_runs

        counts = [c.samples.shape[0] + int(c.runs[:, L.U_COUNT].sum()) for c in self._equity]
        out = np.empty((sum(counts), L.EQ_COLS), dtype=np.int64)
        row, again = 0, False
        for chunk, count in zip(self._equity, counts, strict=True):
            part = out[row : row + count]
            again |= expand_runs.now(self._w, chunk.bars, chunk.runs, chunk.samples, part)
            again |= bool(row and count and out[row - 1, 0] == out[row, 0])
            row += count
        if again:
            # Bars of one moment may come in several chunks: the last sample of a moment counts.
            last = np.append(out[1:, 0] != out[:-1, 0], True)
            out = np.ascontiguousarray(out[last])
        return out.reshape(-1).view(EQUITY)

    def _deposited(self) -> float | None:
        """Deposit in the report currency; None when others need a price first."""
        w = self._w
        rows = [int(w[L.O_CCY]) + n * L.CCY_COLS for n in range(int(w[L.H_N_CCY]))]
        if any(w[row + L.C_DEPOSIT] for row in rows[1:]):
            return None
        return float(w[rows[0] + L.C_DEPOSIT]) / 10.0**self.decimals

    def _log_open_orders(self) -> None:
        """Orders that have not ended are part of the outcome too, in their last state."""
        from seawall.engine.kernel.orders import log_open_order

        w = self._w
        for slot in range(int(w[L.H_CAP_ORD])):
            row = int(w[L.O_ORD]) + slot * L.ORD_COLS
            if w[row + L.R_ID] and w[row + L.R_STATE] not in FINAL:
                log_open_order.now(w, slot)

    def _totals(self) -> Totals:
        w = self._w
        from seawall.engine.kernel.sample import unit_rate_of

        rate_of = unit_rate_of.now
        fees = interest = realized = 0.0
        for n in range(int(w[L.H_N_CCY])):
            row = int(w[L.O_CCY]) + n * L.CCY_COLS
            rate = float(rate_of(w, n))
            fees += float(w[row + L.C_FEES]) * rate
            interest += float(w[row + L.C_INTEREST]) * rate
        for n in range(int(w[L.H_N_INST])):
            row = int(w[L.O_INST]) + n * L.INST_COLS
            realized += float(w[row + L.I_REALIZED]) * float(rate_of(w, int(w[row + L.I_SETTLE])))
        return Totals(
            fees=fees,
            funding=bits_float(w[L.H_FUNDING]),
            interest=interest,
            slippage=bits_float(w[L.H_SLIPPAGE]),
            turnover=bits_float(w[L.H_TURNOVER]),
            realized=realized,
            liquidations=int(w[L.H_LIQUIDATIONS]),
            rejects=int(w[L.H_REJECTS]),
        )


def _join(chunks: list[npt.NDArray[np.int64]], kind: np.dtype[np.void]) -> npt.NDArray[np.void]:
    if not chunks:
        return np.empty(0, dtype=kind)
    whole = chunks[0] if len(chunks) == 1 else np.concatenate(chunks)
    return whole.view(kind)
