# SPDX-License-Identifier: MIT
"""Admission of lessons: a source that claims another outcome than all others may not teach."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.research.attack.sampling import Samples

Floats = npt.NDArray[np.float64]

SCALE = 1e-3
"""Outcomes are handed to admission as differences of logarithms of this size."""


def admit_lessons(samples: Samples, rows: Floats) -> Floats:
    """Judge every lesson by its outcome against the other venues' of the same second.

    Returns
    -------
    float64 array, shape (n, venues)
        1 for what may teach, 0 for what may not.
    """
    from seawall.admission import Admission, AdmissionSettings, Source

    settings = AdmissionSettings(
        epoch_ns=60_000_000_000, fresh_ns=1_500_000_000, refuse_sigmas=4.0, refuse_floor=0.0,
        scale_floor=0.1 * SCALE, scale_start=SCALE, basis_max=0.0, samples_min=30,
    )  # fmt: skip
    judge = Admission(settings)
    numbers = [
        judge.enroll(Source(*reversed(name.split("@")), "lessons"), "outcome")
        for name in samples.sources
    ]
    n, many = rows.shape[:2]
    codes = judge.admit(
        np.repeat(samples.ts, many), np.tile(np.array(numbers), n),
        (SCALE * rows[:, :, -1]).ravel(),
    )  # fmt: skip
    return (codes.reshape(n, many) == 0).astype(np.float64)
