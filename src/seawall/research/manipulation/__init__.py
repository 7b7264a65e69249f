# SPDX-License-Identifier: MIT
"""How well the detectors of manipulation detect: labelled pumps, simulated attacks, clean days.

``evaluate_pumps`` reads recorded trades around labelled pumps, ``evaluate_simulated`` runs
attacks whose truth is known, ``false_alarms`` counts what a market without known attacks
sets off.  Thresholds are chosen on data that no figure is reported on.  Used by
``seawall manipulation evaluate``.
"""

from __future__ import annotations

from seawall.research.manipulation.clean import Quiet, false_alarms
from seawall.research.manipulation.counts import Counts
from seawall.research.manipulation.published import PUBLISHED, Published
from seawall.research.manipulation.pumps import PumpReport, evaluate_pumps
from seawall.research.manipulation.simulated import SimulatedReport, evaluate_simulated

__all__ = [
    "PUBLISHED",
    "Counts",
    "Published",
    "PumpReport",
    "Quiet",
    "SimulatedReport",
    "evaluate_pumps",
    "evaluate_simulated",
    "false_alarms",
]
