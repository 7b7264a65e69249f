# SPDX-License-Identifier: MIT
"""Many series, each in order of time, to one: by receive time, then by stream."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seawall.model.events import BarField, Bars, Events, empty_bars, empty_events


def merge_events(series: Sequence[Events]) -> Events:
    """Merge event arrays; equal times keep the order of the arguments.

    Records of one stream never change their order, so messages stay whole.
    """
    if not series:
        return empty_events()
    if len(series) == 1:
        return series[0]
    ts = np.concatenate([s["ts"] for s in series])
    # numpy's stable sort of int64 finds the sorted runs and merges them.
    order = np.argsort(ts, kind="stable")
    del ts
    return np.concatenate(series)[order]


def merge_bars(series: Sequence[Bars]) -> Bars:
    """Merge bar arrays; equal closes keep the order of the arguments."""
    if not series:
        return empty_bars()
    joined = np.concatenate(series, axis=1)
    if len(series) == 1:
        return joined
    return np.ascontiguousarray(joined[:, np.argsort(joined[BarField.TS], kind="stable")])
