# SPDX-License-Identifier: MIT
"""Out-of-sample scorecards of signals."""

from seawall.research.scorecard.card import Decay, Scorecard
from seawall.research.scorecard.judge import ScoreSettings, score, score_all

__all__ = ["Decay", "ScoreSettings", "Scorecard", "score", "score_all"]
