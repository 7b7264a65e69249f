# SPDX-License-Identifier: MIT
"""What is in the journal is what was appended, whatever happened to the writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.engine.journal import (
    Journal,
    RecordType,
    Sync,
    inspect_journal,
    pack_input,
    read_journal,
    unpack_input,
)
from seawall.engine.journal.layout import HEADER, OVERHEAD
from seawall.engine.journal.payload import unpack_rows
from seawall.engine.outcome import FILL
from seawall.model.errors import JournalError

RUN, MANIFEST = bytes(range(16)), bytes(range(32))


def journal(folder: Path, **options: object) -> Journal:
    """Journal of the one run."""
    return Journal(folder, run_id=RUN, manifest_hash=MANIFEST, **options)  # type: ignore[arg-type]


def written(folder: Path, payloads: list[bytes], **options: object) -> Path:
    """Write a journal and return its last segment."""
    with journal(folder, **options) as one:
        for payload in payloads:
            one.append(RecordType.INPUT, payload)
    return sorted(folder.glob("segment-*.swj"))[-1]


def payloads_of(folder: Path) -> list[bytes]:
    """Payloads of all whole records."""
    return [record.payload for record in read_journal(folder)]


@given(st.lists(st.tuples(st.sampled_from(RecordType), st.binary(max_size=300)), max_size=30))
def test_what_was_appended_is_read_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[RecordType, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    with journal(folder, segment_bytes=1_000) as one:
        numbers = [one.append(kind, payload) for kind, payload in records]
    assert numbers == list(range(len(records)))
    read = [(r.number, r.type, r.payload) for r in read_journal(folder)]
    assert read == [(n, *record) for n, record in enumerate(records)]


def test_many_at_once_and_one_by_one_write_the_same_bytes(tmp_path: Path) -> None:
    payloads = [b"x" * (k % 50) for k in range(3_000)]
    written(tmp_path / "one", payloads)
    with journal(tmp_path / "many") as many:
        assert many.append_many(RecordType.INPUT, payloads) == 0
    names = [p.name for p in (tmp_path / "one").glob("*.swj")]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


def test_segments_roll_at_their_size_and_numbers_go_on(tmp_path: Path) -> None:
    written(tmp_path, [b"y" * 100] * 40, segment_bytes=1_000, sync=Sync.RECORD)
    info = inspect_journal(tmp_path)
    assert info.records == 40
    assert info.segments > 3
    assert info.run_id == RUN.hex()
    assert [r.number for r in read_journal(tmp_path)] == list(range(40))
    assert max(p.stat().st_size for p in tmp_path.glob("*.swj")) < 1_000 + 100 + OVERHEAD


def test_opening_again_goes_on_behind_the_last_record(tmp_path: Path) -> None:
    written(tmp_path, [b"a", b"b"])
    with journal(tmp_path) as again:
        assert again.recovered_bytes == 0
        assert again.append(RecordType.NOTE, b"c") == 2
    assert payloads_of(tmp_path) == [b"a", b"b", b"c"]


def test_cut_at_every_byte_of_the_last_records_the_whole_ones_before_remain(
    tmp_path: Path,
) -> None:
    payloads = [b"", b"first", b"\0" * 40, bytes(range(60)), b"last"]
    whole = written(tmp_path / "whole", payloads).read_bytes()
    ends = [HEADER.size]
    for payload in payloads:
        ends.append(ends[-1] + OVERHEAD + len(payload))
    assert ends[-1] == len(whole)
    for cut in range(HEADER.size, len(whole) + 1):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        (folder / "segment-0000000000000000.swj").write_bytes(whole[:cut])
        kept = sum(end <= cut for end in ends) - 1
        assert payloads_of(folder) == payloads[:kept]
        with journal(folder) as again:
            assert again.recovered_bytes == cut - ends[kept]
            assert again.append(RecordType.NOTE, b"after") == kept
        assert payloads_of(folder) == [*payloads[:kept], b"after"]


@pytest.mark.parametrize("keep", [0, 1, HEADER.size - 1])
def test_a_segment_cut_in_its_header_holds_nothing_and_is_begun_again(
    tmp_path: Path, keep: int
) -> None:
    written(tmp_path, [b"z" * 100] * 12, segment_bytes=1_000)
    before = len(payloads_of(tmp_path))
    (tmp_path / f"segment-{before:016d}.swj").write_bytes(b"S" * keep)
    assert len(payloads_of(tmp_path)) == before
    with journal(tmp_path) as again:
        assert again.append(RecordType.NOTE, b"on") == before
    assert payloads_of(tmp_path)[-1] == b"on"


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_flipped_byte_is_found_wherever_it_is(
    tmp_path_factory: pytest.TempPathFactory, where: int, flip: int
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    payloads = [bytes([k]) * 30 for k in range(8)]
    path = written(folder, payloads)
    data = bytearray(path.read_bytes())
    at = where % len(data)
    data[at] ^= flip
    path.write_bytes(data)
    last = len(data) - OVERHEAD - 30
    if at >= last:  # the last record: nothing tells it from a torn write
        assert payloads_of(folder) == payloads[:-1]
        return
    with pytest.raises(JournalError) as caught:
        list(read_journal(folder))
    assert str(path) in caught.value.where
    assert caught.value.mend
    with pytest.raises(JournalError):
        journal(folder)
    assert path.read_bytes() == bytes(data)  # a damaged journal is not touched


def test_the_error_names_the_offset_of_the_damaged_record(tmp_path: Path) -> None:
    path = written(tmp_path, [b"a" * 10, b"b" * 10, b"c" * 10])
    data = bytearray(path.read_bytes())
    second = HEADER.size + OVERHEAD + 10
    data[second + OVERHEAD] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalError, match="record 1 is damaged") as caught:
        list(read_journal(tmp_path))
    assert caught.value.where == f"{path} offset {second}"


def test_a_missing_segment_is_an_error(tmp_path: Path) -> None:
    written(tmp_path, [b"y" * 100] * 40, segment_bytes=1_000, sync=Sync.RECORD)
    sorted(tmp_path.glob("*.swj"))[1].unlink()
    with pytest.raises(JournalError, match="begins with record"):
        list(read_journal(tmp_path))


def test_an_earlier_segment_cut_short_is_an_error_and_not_a_torn_tail(tmp_path: Path) -> None:
    written(tmp_path, [b"y" * 100] * 40, segment_bytes=1_000, sync=Sync.RECORD)
    first = min(tmp_path.glob("*.swj"))
    first.write_bytes(first.read_bytes()[:-5])
    with pytest.raises(JournalError, match="not the last one"):
        list(read_journal(tmp_path))


def test_the_journal_of_another_run_is_not_written_into(tmp_path: Path) -> None:
    written(tmp_path, [b"a"])
    with pytest.raises(JournalError, match="another run"):
        Journal(tmp_path, run_id=bytes(16), manifest_hash=MANIFEST)


def test_two_writers_cannot_have_the_same_journal(tmp_path: Path) -> None:
    with journal(tmp_path), pytest.raises(JournalError, match="another process"):
        journal(tmp_path)
    journal(tmp_path).close()


def test_an_empty_folder_is_not_a_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal"):
        inspect_journal(tmp_path)


def test_a_full_disk_is_an_error_with_its_mend_and_what_was_whole_remains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = journal(tmp_path, sync=Sync.RECORD)
    one.append(RecordType.NOTE, b"kept")
    real: Callable[[int, memoryview], int] = os.write
    written: list[int] = []

    def full(file: int, data: memoryview) -> int:
        written.append(len(data))
        if len(written) > 1:
            raise OSError(28, "No space left on device")
        return real(file, data[:4])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalError, match="No space left") as caught:
        one.append(RecordType.NOTE, b"lost")
    assert "make room" in caught.value.mend
    monkeypatch.undo()
    with pytest.raises(JournalError, match="no more records"):
        one.append(RecordType.NOTE, b"refused")
    one.close()
    assert payloads_of(tmp_path) == [b"kept"]
    with journal(tmp_path) as again:
        assert again.recovered_bytes > 0


def test_the_interval_policy_asks_the_disk_when_its_time_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0]
    asked = []
    one = journal(tmp_path, sync=Sync.INTERVAL, interval_ms=10, clock=lambda: now[0])
    monkeypatch.setattr(os, "fsync", asked.append)
    for ms in (1, 5, 9, 10, 12, 19, 25):
        now[0] = ms * 1_000_000
        one.append(RecordType.TIMER, b"")
    assert len(asked) == 2  # at 10 and at 25
    monkeypatch.undo()
    one.close()
    assert inspect_journal(tmp_path).counts == {RecordType.TIMER: 7}


def test_a_fast_writer_hands_over_what_waits_before_its_interval_is_over(tmp_path: Path) -> None:
    with journal(tmp_path, sync=Sync.INTERVAL, interval_ms=10, clock=lambda: 0) as one:
        for _ in range(1_000):
            one.append(RecordType.INPUT, bytes(1_000))
        stored = sum(path.stat().st_size for path in tmp_path.glob("segment-*"))
    assert stored > 700_000


WRITER = """
import sys
from pathlib import Path
from seawall.engine.journal import Journal, RecordType, Sync
journal = Journal(Path(sys.argv[1]), run_id=bytes(range(16)), manifest_hash=bytes(range(32)),
                  sync=Sync.RECORD, segment_bytes=20_000)
number = 0
while True:
    journal.append(RecordType.INPUT, b"%d" % number * 20)
    number += 1
    print(number, flush=True)
"""


def test_a_killed_writer_loses_no_record_that_it_reported_as_written(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    reported = 0
    for line in writer.stdout:
        reported = int(line)
        if reported >= 300:
            writer.send_signal(signal.SIGKILL)
            break
    rest = writer.stdout.read().split()
    writer.wait()
    reported = int(rest[-1]) if rest else reported
    payloads = payloads_of(tmp_path)
    assert len(payloads) >= reported
    assert payloads == [b"%d" % k * 20 for k in range(len(payloads))]
    with journal(tmp_path) as again:
        assert again.append(RecordType.NOTE, b"on") == len(payloads)


def test_inputs_and_rows_come_back_from_their_payloads() -> None:
    message = unpack_input(pack_input(-1, 7, b"{}"))
    assert (message.receive_ts, message.connection, message.message) == (-1, 7, b"{}")
    fills = np.zeros(2, dtype=FILL)
    fills["px"] = 5, 6
    assert unpack_rows(fills.tobytes(), FILL).tobytes() == fills.tobytes()
    with pytest.raises(JournalError, match="no whole rows"):
        unpack_rows(b"123", FILL)


def test_the_checksum_is_the_standard_crc_of_number_type_and_payload(tmp_path: Path) -> None:
    data = written(tmp_path, [b"seawall"]).read_bytes()[HEADER.size :]
    body = (0).to_bytes(8, "little") + bytes([RecordType.INPUT]) + b"seawall"
    assert data == len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body
