# SPDX-License-Identifier: MIT
"""What the market's own numbers say: one analytic, one file, one docstring.

A streaming analytic is a compiled ``update(state, params, fields…)`` and a batch call that
loops it; the state is one flat array of numbers, so that it can be saved, and zeros mean a
fresh start.  A fit looks at a whole sample at once: Hawkes, SABR, EDGE.

``registry`` lists them all; ``spec`` says what they are and runs them; ``measure`` times
them.  This room stands above ``data`` and ``model`` and imports nothing else of ours.
"""
