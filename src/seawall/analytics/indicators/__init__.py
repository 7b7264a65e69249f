# SPDX-License-Identifier: MIT
"""Ten technical indicators, equal in three forms.

By name like every analytic, row by row; ``talib_batch.talib_values`` for whole columns, which
is the fastest for those and refuses bad bars; ``live.LiveIndicators`` for one bar at a time,
all ten out of one compiled call.
"""
