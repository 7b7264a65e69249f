# SPDX-License-Identifier: MIT
"""``seawall sim``: make a simulated market, and judge how real it is."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.data.simulated.config import AttackConfig, SimConfig
    from seawall.data.simulated.scorecard import Line, Scorecard

app = typer.Typer(help="Make a simulated market and judge its realism.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Seed = Annotated[int, typer.Option(help="Root of all randomness.")]
FIRST = "the first run after installation compiles the simulator, about 15 s; later runs do not"


def parse_attack(text: str) -> AttackConfig:
    """Read ``kind:start:duration[:intensity[:book]]``, times in seconds.

    Raises
    ------
    SettingsError
        When the text has another form.
    """
    from seawall.data.simulated.config import AttackConfig

    kind, *numbers = text.split(":")
    try:
        start, duration, *rest = (float(n) for n in numbers)
        if len(rest) > 2:
            raise ValueError
    except ValueError:
        raise SettingsError(
            f"{text!r} is no attack",
            where="--attack",
            mend="write kind:start_s:duration_s[:intensity[:book]], for example wash:60:120:2:1",
        ) from None
    intensity = rest[0] if rest else 1.0
    return AttackConfig(kind, start, duration, intensity, int(rest[1]) if len(rest) > 1 else 1)


def _configure(preset_name: str, seed: int, duration: str, attacks: list[str] | None) -> SimConfig:
    from seawall.data.simulated.config import preset
    from seawall.model.time import parse_duration_ns

    config = replace(preset(preset_name), seed=seed)
    if duration:
        config = replace(config, duration_s=parse_duration_ns(duration) / 1e9)
    return replace(config, attacks=tuple(parse_attack(a) for a in attacks or ()))


@app.command()
def run(
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    preset: Annotated[str, typer.Option(help="small, demo or day.")] = "demo",
    seed: Seed = 7,
    duration: Annotated[str, typer.Option(help="Instead of the preset's, for example 30m.")] = "",
    attack: Annotated[
        list[str] | None,
        typer.Option(help="kind:start_s:duration_s[:intensity[:book]]; may be repeated."),
    ] = None,
    json: Json = False,
) -> None:
    """Simulate a market and write its feeds and its truth as Parquet files."""
    config = _configure(preset, seed, duration, attack)
    say(f"[dim]{FIRST}[/dim]")
    began = time.perf_counter()
    from seawall.data.simulated.sim import Sim

    sim = Sim(config)
    with progress("simulating", 1.0) as advance:
        done = [0.0]

        def told(share: float) -> None:
            advance(share - done[0])
            done[0] = share

        market = sim.run(told)
    simulated = time.perf_counter()
    with progress("writing"):
        market.write(out)
    written = time.perf_counter()
    facts = {
        "out": str(out),
        "seed": seed,
        "duration_s": config.duration_s,
        "order_events": len(market.log),
        "labels": len(market.labels()),
        "fingerprint": market.fingerprint,
        "seconds": {"simulate": simulated - began, "write": written - simulated},
    }
    if json:
        print_json(facts)
        return
    rows = [(k, v) for k, v in facts.items() if k != "seconds"]
    rows.append(("seconds", f"{written - began:.1f}, of these writing {written - simulated:.1f}"))
    table("Simulated market", ("", "value"), rows)
    next_steps(f"seawall data import {out / 'feeds'}", f"seawall sim scorecard --seed {seed}")


def _verdict(passed: bool | None) -> str:
    return "undecided" if passed is None else "pass" if passed else "FAIL"


def _row(line: Line) -> tuple[object, ...]:
    return (
        f"{line.fact}" if line.calibrated else f"*{line.fact}",
        line.name,
        f"{line.simulated:.3f}",
        f"{line.real:.3f}",
        f"{line.low:.2f}..{line.high:.2f}",
        _verdict(line.passed),
    )


def _print_card(card: Scorecard) -> None:
    table(
        f"Scorecard, seed {card.seed}, {card.duration_s / 3600:g} h",
        ("fact", "measure", "sim", "real", "95 % band", "verdict"),
        [_row(line) for line in card.lines],
        numeric=("fact", "sim", "real"),
        note=f"* not used in calibration; bands: {card.reference}",
    )
    judged = [p for p in card.facts.values() if p is not None]
    say(f"{sum(judged)} of {len(judged)} facts pass, score {card.score:.2f}")


@app.command()
def scorecard(
    seed: Seed = 7,
    duration: Annotated[str, typer.Option(help="Length of the run for returns.")] = "24h",
    real: Annotated[
        Path | None, typer.Option(help="Folder of real data; else the stored bands.")
    ] = None,
    json: Json = False,
) -> None:
    """Compare the simulated market with real data in fourteen stylised facts."""
    from seawall.data.simulated.config import FaultConfig
    from seawall.data.simulated.scorecard import scorecard as judge

    config = replace(_configure("demo", seed, duration, None), faults=FaultConfig())
    if real is None and config.duration_s != 86_400.0:
        say("[yellow]the stored bands are for 24 h; give --real for bands of this length[/yellow]")
    say(f"[dim]{FIRST}[/dim]")
    with progress("simulating", 1.0) as advance:
        done: dict[str, float] = {}

        def told(name: str, share: float) -> None:
            # The run for returns is by far the longer one.
            weight = 0.9 if name == "returns" else 0.1
            advance(weight * (share - done.get(name, 0.0)))
            done[name] = share

        card = judge(config, real, told)
    if json:
        print_json(
            {"score": card.score, "facts": {str(k): v for k, v in card.facts.items()},
             "seed": card.seed, "duration_s": card.duration_s, "reference": card.reference,
             "lines": card.lines}
        )  # fmt: skip
        return
    _print_card(card)
    next_steps("seawall sim run --preset demo --out market", "seawall demo")


@app.command()
def reference(
    real: Annotated[Path, typer.Option(help="Folder of real data.")],
    out: Annotated[Path, typer.Option(help="Where to write the bands.")] = Path("reference.json"),
    json: Json = False,
) -> None:
    """Compute the bands of the scorecard from real data, for a day of simulation."""
    from seawall.data.simulated.scorecard import write_reference

    with progress("resampling"):
        bands = write_reference(real, out)
    if json:
        print_json({"out": str(out), "bands": bands})
        return
    table(
        "Reference bands",
        ("measure", "real", "low", "high"),
        [(k, *(f"{x:.3f}" for x in v)) for k, v in bands.items()],
        numeric=("real", "low", "high"),
    )
    next_steps("seawall sim scorecard")
