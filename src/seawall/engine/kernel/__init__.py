# SPDX-License-Identifier: MIT
"""The kernel: small compiled functions over the world buffer.

Everything here is ``@njit(cache=True)``, takes the world ``w`` first and changes it
in place.  It knows integers only: ticks, lots, money units, nanoseconds.  It never
reads a clock, never draws a random number that is not in the world, and returns to
its caller at a *wake*.  The same functions step one live message and loop over a
million historic ones, so replay and live cannot differ.

Not here: files, settings, strategies in Python, reports.  The caller is
``seawall.engine.run``; importing this package imports Numba (0.1 s), so it happens
on first use.
"""

from seawall.model.numba_start import import_numba

import_numba()
