# SPDX-License-Identifier: MIT
"""Compiled judgement of samples over flat arrays.

``layout`` says what stands where, ``judge.admit`` decides samples, ``epoch`` settles trust
and suspensions, ``keep`` holds the reservoir and the log of rejections.
Callers: ``Admission`` only.
"""
