# SPDX-License-Identifier: MIT
"""Checkpoints survive whatever happens to the process and to their files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from seawall.robust.gate import CheckpointError, FileStore, MemoryStore
from seawall.robust.gate.checkpoint import decode, encode, name_of

ARRAYS = {
    "model/location": np.array([1.0, -2.0]),
    "clock": np.array([3, 4], dtype=np.int64),
    "empty": np.zeros((0, 2)),
}


def state(k: int) -> dict[str, np.ndarray]:
    """A state that says which it is."""
    return {"k": np.full(50, float(k))}


def test_equal_states_have_equal_names_and_come_back_as_they_were():
    data = encode(5, ARRAYS)
    assert data == encode(5, dict(reversed(ARRAYS.items())))
    kept = decode(data, name_of(data))
    assert kept.ts_ns == 5
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(kept.arrays[name], array)
        assert kept.arrays[name].dtype == array.dtype
    with pytest.raises(CheckpointError, match="array of object"):
        encode(0, {"x": np.array([None])})


def test_every_cut_and_every_changed_byte_is_found():
    data = encode(5, ARRAYS)
    name = name_of(data)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        for bad in (bytes(changed), data[:at]):
            with pytest.raises(CheckpointError, match="cut short or changed"):
                decode(bad, name)


@pytest.mark.parametrize("fault", ["cut", "missing", "changed"])
def test_a_damaged_checkpoint_is_told_and_the_one_before_it_used(tmp_path: Path, fault: str):
    store = FileStore(tmp_path)
    names = [store.put(k, state(k)) for k in range(3)]
    path = tmp_path / "objects" / f"{names[2]}.ckpt"
    data = path.read_bytes()
    if fault == "cut":
        path.write_bytes(data[:-9])
    elif fault == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    again = FileStore(tmp_path)
    kept = again.latest()
    assert kept is not None
    assert (kept.sha256, kept.skipped) == (names[1], (names[2],))
    assert kept.arrays["k"][0] == 1.0
    assert len(again.faults()) == 1
    with pytest.raises(CheckpointError, match="missing" if fault == "missing" else "cut short"):
        again.get(names[2])
    assert again.get(names[0]).arrays["k"][0] == 0.0


def test_an_index_cut_at_any_byte_keeps_all_whole_lines_and_can_be_added_to(tmp_path: Path):
    store = FileStore(tmp_path)
    names = [store.put(k, state(k)) for k in range(3)]
    index = tmp_path / "index"
    whole = index.read_bytes()
    line = len(whole) // 3
    for cut in range(0, len(whole), 5):
        index.write_bytes(whole[:cut])
        again = FileStore(tmp_path)
        assert [e.sha256 for e in again.entries] == names[: cut // line]
        added = again.put(9, state(9))
        assert [e.sha256 for e in FileStore(tmp_path).entries] == [*names[: cut // line], added]


def test_a_changed_line_of_the_index_loses_only_itself(tmp_path: Path):
    store = FileStore(tmp_path)
    names = [store.put(k, state(k)) for k in range(3)]
    index = tmp_path / "index"
    data = bytearray(index.read_bytes())
    data[len(data) // 2] ^= 1
    index.write_bytes(bytes(data))
    assert [e.sha256 for e in FileStore(tmp_path).entries] == [names[0], names[2]]


@pytest.mark.parametrize("call", ["open", "fsync", "replace", "write"])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_an_error_of_the_disk_at_any_step_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, turn: int
):
    store = FileStore(tmp_path)
    first = store.put(0, state(0))
    left = [turn]

    def failing(real):
        def wrapped(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        return wrapped

    with monkeypatch.context() as m:
        if call == "fsync":
            m.setattr(os, "fsync", failing(os.fsync))
        elif call == "open":
            m.setattr(Path, "open", failing(Path.open))
        elif call == "replace":
            m.setattr(Path, "replace", failing(Path.replace))
        else:
            m.setattr(os, "open", failing(os.open))
        failed = False
        try:
            second = store.put(1, state(1))
        except OSError:
            failed = True
    kept = FileStore(tmp_path).latest()
    assert kept is not None
    # A line that reached the index before the failure stands; nothing else may.
    allowed = {first} if failed else {second}
    assert kept.sha256 in allowed | {name_of(encode(1, state(1)))}
    assert kept.arrays["k"][0] in (0.0, 1.0)
    assert FileStore(tmp_path).get(first).arrays["k"][0] == 0.0
    assert not list(tmp_path.rglob("*.part"))


WRITER = """
import sys
import numpy as np
from pathlib import Path
from seawall.robust.gate.store import FileStore
store = FileStore(Path(sys.argv[1]), keep=3)
k = len(store.entries)
while True:
    k += 1
    store.put(k, {"k": np.full(200, float(k))})
    print(k, flush=True)
"""


def test_a_store_survives_being_killed_at_any_moment(tmp_path: Path):
    rng = np.random.default_rng(4)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(int(rng.integers(3, 12))):
            said = process.stdout.readline()
        time.sleep(float(rng.uniform(0.0, 0.01)))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        last = int(rest[-1] if rest else said)
        kept = FileStore(tmp_path, keep=3).latest()
        assert kept is not None
        assert kept.skipped == ()
        assert int(kept.arrays["k"][0]) in (last, last + 1)


def test_old_checkpoints_go_and_their_files_with_them(tmp_path: Path):
    store = FileStore(tmp_path, keep=3)
    for k in range(20):
        store.put(k, state(k))
    assert len(store.entries) < 6
    assert len(list((tmp_path / "objects").iterdir())) == len(store.entries)
    memory = MemoryStore(keep=2)
    for k in range(5):
        memory.put(k, state(k))
    assert len(memory) == 2
    with pytest.raises(CheckpointError, match="keep"):
        FileStore(tmp_path, keep=1)


def test_an_empty_store_has_nothing(tmp_path: Path):
    assert FileStore(tmp_path).latest() is None
    assert MemoryStore().latest() is None
