# SPDX-License-Identifier: MIT
"""``seawall session`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seawall.cli.session import app
from seawall.model.errors import JournalError

from .session_helpers import PLACE, messages

OTHER = PLACE.replace(":Quoter", ":OtherQuoter")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording with one broken line."""
    path = tmp_path_factory.mktemp("raw") / "stream.raw"
    lines = [b"%d %s" % line for line in messages(800)]
    lines.insert(400, b"%d {broken" % messages(800)[399][0])
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def call(*words: str | Path) -> tuple[int, dict[str, object]]:
    """Run a command with ``--json``; its exit code and what it printed last."""
    result = CliRunner().invoke(app, [*map(str, words), "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout.splitlines()[-1])


def test_run_replay_and_verify_agree(recording: Path, tmp_path: Path) -> None:
    code, ran = call("run", recording, "--strategy", PLACE, "--journal", tmp_path / "j")
    assert code == 0
    assert ran["messages"] == 802
    assert ran["faults"] == {"malformed": 1}
    assert ran["fills"]
    code, again = call("replay", tmp_path / "j")
    assert (code, again["same"], again["fingerprint"]) == (0, True, ran["fingerprint"])
    code, checked = call("verify", tmp_path / "j")
    assert checked["counts"]["input"] == 802  # type: ignore[index]
    manifest = json.loads((tmp_path / "j" / "manifest.json").read_text())
    assert manifest["fingerprint"] == ran["fingerprint"]
    with pytest.raises(JournalError, match="a journal already"):
        call("run", recording, "--strategy", PLACE, "--journal", tmp_path / "j")


def test_replay_with_another_strategy_fails_and_says_where(recording: Path, tmp_path: Path) -> None:
    call("run", recording, "--strategy", PLACE, "--journal", tmp_path)
    code, report = call("replay", tmp_path, "--strategy", OTHER)
    assert code == JournalError.exit_code
    assert report["same"] is False
    assert "qty=20" in report["difference"]["replayed"]  # type: ignore[index]


def test_a_run_that_was_cut_off_is_resumed(recording: Path, tmp_path: Path) -> None:
    _, whole = call("run", recording, "--strategy", PLACE, "--journal", tmp_path / "whole")
    segment = min((tmp_path / "whole").glob("*.swj"))
    (tmp_path / "cut").mkdir()
    data = segment.read_bytes()
    (tmp_path / "cut" / segment.name).write_bytes(data[: len(data) // 2])
    words = ("run", recording, "--strategy", PLACE, "--journal", tmp_path / "cut", "--resume")
    _, resumed = call(*words)
    assert resumed["fingerprint"] == whole["fingerprint"]
    assert resumed["messages"] == 802
