# SPDX-License-Identifier: MIT
"""MRCD beside the reference implementation, rrcov's CovMrcd in R, in one run.

Needs ``Rscript`` with rrcov (Debian: ``r-cran-rrcov``).  Run with
``OMP_NUM_THREADS=1 python benchmarks/mrcd.py``; prints one JSON object per input.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from robust import clustered, median_ms
from seawall.robust import MRCD

SCRIPT = Path(__file__).parent / "peers" / "rrcov.R"
INPUTS = ((1000, 50, 7, 3, 20.0), (200, 400, 5, 1, 50.0))
"""Rows, columns, our repeats, theirs, and the ratio that is wanted."""


def main() -> None:
    """Measure both and compare what they found."""
    if shutil.which("Rscript") is None:
        sys.exit("no Rscript here: install R and rrcov (Debian: apt-get install r-cran-rrcov)")
    for n, d, own, theirs, wanted in INPUTS:
        rows = clustered(n, d, 0.2)
        fit = MRCD().fit(rows)
        ours = median_ms(lambda rows=rows: MRCD().fit(rows), own) / 1e3
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            np.savetxt(file.name, rows, delimiter=",", fmt="%.17g")
            out = subprocess.run(
                ["Rscript", str(SCRIPT), file.name, str(theirs)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
        peer = json.loads(out.stdout.splitlines()[-1])
        common = np.intersect1d(fit.support_, np.array(peer["best"])).size
        line = {
            "input": f"{n} x {d}, 20 % in a tight cluster",
            "ours_s": round(ours, 4), "rrcov_s": round(peer["seconds"], 4),
            "ratio": round(peer["seconds"] / ours, 1), "target": wanted,
            "log_det": fit.log_det_, "rrcov_log_det": peer["log_det"],
            "subset_shared": common / fit.support_.size,
            "rho": fit.rho_, "rrcov_rho": peer["rho"], "rrcov": peer["version"],
        }  # fmt: skip
        print(json.dumps(line))


if __name__ == "__main__":
    main()
