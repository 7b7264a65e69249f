# SPDX-License-Identifier: MIT
"""A strategy that weighs signals by what they have been worth so far."""

from seawall.research.ensemble.strategy import MultiSignalEnsemble, multi_signal_ensemble

__all__ = ["MultiSignalEnsemble", "multi_signal_ensemble"]
