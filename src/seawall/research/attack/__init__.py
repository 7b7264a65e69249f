# SPDX-License-Identifier: MIT
"""The attack lab: every defence is measured by attacking it.

A strategy that learns online trades a market twice, once believing everything and once
defended; the same seed gives a clean market and an attacked one.  ``Lab`` runs the pairs,
takes each defence away in turn, and says what it was worth, also where that is nothing.
"""
