# SPDX-License-Identifier: MIT
"""Ctrl-C and kill -9 lose nothing that was finished and leave no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seawall.research.trials import TrialLog

HERE = Path(__file__).parent
SCRIPT = """
import sys
from seawall.research.sweep import Sweep, parse_space
from sweep_objectives import Bowl

if __name__ == "__main__":
    folder, pause = sys.argv[1], float(sys.argv[2])
    space = parse_space(["x=0:9", "y=0:3"])
    bowl = Bowl(pause_s=pause, count_file=folder + "/calls")
    found = Sweep(bowl, space, folder + "/study", engine="pool", workers=2, metric="score",
                  show=False).run()
    print(found.evaluated, found.reused)
"""


def start(folder: Path, pause_s: float) -> subprocess.Popen[str]:
    script = folder / "study.py"
    script.write_text(SCRIPT)
    path = os.pathsep.join([str(HERE), *(p for p in sys.path if p)])
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(pause_s)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def wait_for(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the sweep did not get there in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody has collected yet does no work.
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for left-over processes in /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_sweep_keeps_what_is_done_and_goes_on(tmp_path, sent):
    study = tmp_path / "study"
    first = start(tmp_path, 0.08)
    wait_for(lambda: len(lines(study / "trials.jsonl")) >= 5 or first.poll() is not None)
    if sent == signal.SIGINT:
        os.killpg(first.pid, sent)  # a terminal sends it to the whole group
    else:
        first.kill()
    _, errors = first.communicate(timeout=30)
    assert first.returncode != 0
    if sent == signal.SIGINT:
        assert errors.count("KeyboardInterrupt") == 1, errors
        assert (study / "trials.parquet").exists()
    kept = len(list(TrialLog(study)))
    assert 5 <= kept < 40
    workers = {int(line.split()[0]) for line in lines(tmp_path / "calls")}
    wait_for(lambda: not any(alive(pid) for pid in workers), 10.0)

    done = {tuple(trial.params.values()) for trial in TrialLog(study)}
    (tmp_path / "calls").unlink()
    second = start(tmp_path, 0.08)
    out, errors = second.communicate(timeout=60)
    assert second.returncode == 0, errors
    assert out.split() == [str(40 - kept), str(kept)]
    again = {tuple(int(v) for v in line.split()[1:]) for line in lines(tmp_path / "calls")}
    assert len(again) == 40 - kept
    assert not again & done
    assert len(list(TrialLog(study))) == 40


def test_ctrl_c_does_not_wait_for_a_long_trial(tmp_path):
    run = start(tmp_path, 60.0)
    wait_for((tmp_path / "study").exists)
    time.sleep(1.5)
    os.killpg(run.pid, signal.SIGINT)
    began = time.monotonic()
    run.communicate(timeout=30)
    assert time.monotonic() - began < 10.0
