# SPDX-License-Identifier: MIT
"""Identity of sources, and the file that remembers who was banned and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.admission.audit import Audit
from seawall.admission.errors import AdmissionError
from seawall.admission.source import Source
from seawall.model.events import Stream


def test_a_source_is_the_identity_of_an_engine_stream() -> None:
    stream = Stream("kraken", "BTC/USD", "trades", "abc")
    source = Source.of(stream)
    assert source.text == stream.source_id
    assert Source.parse(stream.source_id) == source
    assert source.origin.text == "kraken|BTC/USD|trades"


@pytest.mark.parametrize("text", ["", "kraken", "a|b", "a|b|c|d|e", "|b|c", "a|b|\n"])
def test_what_names_no_source_is_refused(text: str) -> None:
    with pytest.raises(AdmissionError, match="source"):
        Source.parse(text)


def test_a_pattern_covers_what_begins_with_its_parts_and_nothing_else() -> None:
    source = Source("binance", "BTC/USDT", "trades", "c1")
    for pattern in ("binance", "binance|BTC/USDT", "binance|BTC/USDT|trades", source.text):
        assert source.under(pattern)
    for pattern in ("bin", "binance|BTC", "binance|BTC/USDT|trades|c2", "a|b|c|d|e"):
        assert not source.under(pattern)


def test_bans_are_the_sum_of_the_audit_file(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "admission")
    assert audit.banned() == {}
    audit.ban("kraken", "wash trading", ts=1, by="ann")
    audit.ban("binance|BTC/USDT|trades", "frozen feed", ts=2)
    audit.unban("kraken", "they mended it", ts=3)
    assert list(audit.banned()) == ["binance|BTC/USDT|trades"]
    assert [(line.act, line.why) for line in audit.lines()] == [
        ("ban", "wash trading"), ("ban", "frozen feed"), ("unban", "they mended it"),
    ]  # fmt: skip
    assert audit.lines()[0].by == "ann"


def test_an_act_needs_a_reason_and_an_unban_needs_a_ban(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    with pytest.raises(AdmissionError, match="reason"):
        audit.ban("kraken", "  ", ts=1)
    with pytest.raises(AdmissionError, match="is not banned"):
        audit.unban("kraken", "why not", ts=1)
    with pytest.raises(AdmissionError, match="names no source"):
        audit.ban("kraken||x", "because", ts=1)
    assert audit.lines() == ()


@pytest.mark.parametrize("how", ["changed", "removed", "cut"])
def test_a_touched_audit_file_is_noticed(tmp_path: Path, how: str) -> None:
    audit = Audit(tmp_path)
    for n in range(3):
        audit.ban(f"venue{n}", "because", ts=n)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    if how == "changed":
        lines[0] = lines[0].replace(b"venue0", b"venueX")
    elif how == "removed":
        del lines[1]
    else:
        lines[-1] = lines[-1][:-5]
    audit.path.write_bytes(b"".join(lines))
    with pytest.raises(AdmissionError, match="audit file was changed: line"):
        audit.banned()
    before = audit.path.read_bytes()
    with pytest.raises(AdmissionError, match="audit file was changed"):
        audit.ban("another", "because", ts=9)
    assert audit.path.read_bytes() == before
