# SPDX-License-Identifier: MIT
"""What stands beside the agents' market: options and a cross on it, and price paths without it.

``chain`` quotes listed options around a known ``surface``, ``cross`` a book of one coin in
another, both on a run of the agents; ``paths`` makes bars of many coins over months at once.
"""
