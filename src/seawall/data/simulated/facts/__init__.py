# SPDX-License-Identifier: MIT
"""Stylised facts: measures, the data they are taken from, and reference bands.

A measure reads rows and gives a number; the rows come from a simulated run or from real
recordings through the same functions, so the two numbers mean the same.  Bands are 95 %
intervals of a moving-block bootstrap of the real rows at the length of the simulated ones.
"""
