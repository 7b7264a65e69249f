# SPDX-License-Identifier: MIT
"""States of a market and when they change: what is known at each row, and what is fitted.

Fits (``hmm_fit``, ``markov_switching_fit``, ``garch_fit``, ``hmm_states``) look at the past;
filters (``hmm_filter``, ``garch_filter``, ``cusum``, ``page_hinkley``, ``adwin``, ``bocpd``) go
row by row with parameters that were fitted before; ``pelt`` knows the whole series and must
not enter a signal.
"""
