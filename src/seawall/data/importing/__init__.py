# SPDX-License-Identifier: MIT
"""From a path to the catalogue: reading, checking, quarantining, storing, resuming."""
