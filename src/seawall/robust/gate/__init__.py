# SPDX-License-Identifier: MIT
"""The gate: nothing unvetted becomes the model that trades.

A golden set says what the market looks like when it is itself; a reference is fitted to it
once; an adaptive model may learn as long as it stays within a corridor around that
reference, whose limits are calibrated to a stated rate of false alarms.  Accepted states
are checkpointed; beyond the corridor everything goes back to the last of them.

Time and rows are inputs: no clock is read and nothing is drawn without a seed, so the gate
does in a session what it did in a backtest.  Callers are strategies and the attack lab.
"""

from seawall.robust.gate.calibrate import calibrated
from seawall.robust.gate.check import Check, Level, Limits, breaches, compare
from seawall.robust.gate.checkpoint import Checkpoint, CheckpointStore, MemoryStore
from seawall.robust.gate.errors import CheckpointError, GateError, GoldenError
from seawall.robust.gate.events import Breach, GateEvent, GateEventKind, Influence
from seawall.robust.gate.golden import (
    REGIMES,
    GoldenSet,
    GoldenWindow,
    Regime,
    WindowRows,
    build_golden,
)
from seawall.robust.gate.golden_file import Fault, load_golden, save_golden, verify_golden
from seawall.robust.gate.judge import Gate, Verdict
from seawall.robust.gate.learner import AdaptiveModel, EwModel, Learner, MakesModel
from seawall.robust.gate.model import GatedModel
from seawall.robust.gate.parts import ArraysPart, RandomPart
from seawall.robust.gate.profile import (
    ECONOMIC,
    ORIGINAL,
    Calibration,
    GateProfile,
    clopper_pearson,
    named_profile,
    poisson_interval,
    rows_for_claim,
    with_anchor_claim,
)
from seawall.robust.gate.reference import (
    Reference,
    fit_reference,
    reference_of,
    regime_references,
)
from seawall.robust.gate.settings import GateCounts, GateSettings
from seawall.robust.gate.standard import Scale, Standardisation, fit_standardisation
from seawall.robust.gate.state import Stateful
from seawall.robust.gate.store import FileStore
from seawall.robust.gate.toxicity import toxicity_weight

__all__ = [
    "ECONOMIC",
    "ORIGINAL",
    "REGIMES",
    "AdaptiveModel",
    "ArraysPart",
    "Breach",
    "Calibration",
    "Check",
    "Checkpoint",
    "CheckpointError",
    "CheckpointStore",
    "EwModel",
    "Fault",
    "FileStore",
    "Gate",
    "GateCounts",
    "GateError",
    "GateEvent",
    "GateEventKind",
    "GateProfile",
    "GateSettings",
    "GatedModel",
    "GoldenError",
    "GoldenSet",
    "GoldenWindow",
    "Influence",
    "Learner",
    "Level",
    "Limits",
    "MakesModel",
    "MemoryStore",
    "RandomPart",
    "Reference",
    "Regime",
    "Scale",
    "Standardisation",
    "Stateful",
    "Verdict",
    "WindowRows",
    "breaches",
    "build_golden",
    "calibrated",
    "clopper_pearson",
    "compare",
    "fit_reference",
    "fit_standardisation",
    "load_golden",
    "named_profile",
    "poisson_interval",
    "reference_of",
    "regime_references",
    "rows_for_claim",
    "save_golden",
    "toxicity_weight",
    "verify_golden",
    "with_anchor_claim",
]
