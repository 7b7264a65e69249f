# SPDX-License-Identifier: MIT
"""A state that is saved goes on as it was; settings and bans hold across it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seawall.admission import Admission, AdmissionError, AdmissionSettings, Decision, Gateway, store
from seawall.admission.audit import Audit
from seawall.admission.kernel import layout as at
from seawall.admission.signing import Key, Scheme, seal
from seawall.model.errors import SettingsError

from .samples import T0, S, enrolled, name, one, walk


def test_bans_of_the_settings_hold_from_the_start_and_whatever_is_forgiven(tmp_path: Path) -> None:
    a = enrolled(given=AdmissionSettings(banned=("venue1",)))
    assert one(a, stream=1) is Decision.BANNED
    a.ban(["venue2"])
    assert one(a, stream=2) is Decision.BANNED
    a.ban([])
    assert one(a, stream=2) is Decision.ADMITTED
    assert one(a, stream=1) is Decision.BANNED
    store.save(a, tmp_path)
    again = store.load(tmp_path)
    assert again.settings.banned == ("venue1",)
    assert one(again, stream=1) is Decision.BANNED
    with pytest.raises(AdmissionError, match="names no source"):
        Admission(AdmissionSettings(banned=("a||b",)))


def test_a_saved_state_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    c = walk(20_000, 5)
    whole, first = enrolled(), enrolled()
    wanted = whole.admit(**c)
    half = {k: v[:9_999] for k, v in c.items()}
    first.admit(**half)
    key = Key("k", Scheme.HMAC_SHA256, ("venue0",), secret=b"s" * 32)
    door = Gateway([key])
    batch = seal(key, f"{name(0)}|c0", 0, T0, b"")
    door.open(batch, T0)
    store.save(first, tmp_path, door)
    reopened = Gateway([key])
    again = store.load(tmp_path, gateway=reopened)
    assert again.fingerprint == first.fingerprint
    got = again.admit(**{k: v[9_999:] for k, v in c.items()})
    assert np.array_equal(got, wanted[9_999:])
    assert again.fingerprint == whole.fingerprint
    assert reopened.open(batch, T0).name == "REPLAYED_NONCE"


@pytest.mark.parametrize("damage", ["cut", "bit", "foreign"])
def test_a_damaged_state_is_refused_and_a_failed_save_leaves_the_old_one(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = enrolled()
    a.admit(**walk(2_000, 5))
    file = store.save(a, tmp_path)
    good = file.read_bytes()
    wrong = {"cut": good[: len(good) // 2], "foreign": b"hello"}.get(damage)
    if wrong is None:
        place = len(good) // 3
        wrong = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
    file.write_bytes(wrong)
    with pytest.raises(AdmissionError, match="cut short or changed"):
        store.load(tmp_path)
    file.write_bytes(good)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.save(a, tmp_path)
    assert file.read_bytes() == good
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


def test_loading_honours_the_audit_file_and_new_settings(tmp_path: Path) -> None:
    a = enrolled()
    store.save(a, tmp_path)
    Audit(tmp_path).ban("venue1", "lies", ts=T0)
    b = store.load(tmp_path, replace(a.settings, stale_ns=S))
    assert one(b, stream=1) is Decision.BANNED
    assert one(b, lag_ns=S + 1) is Decision.STALE
    with pytest.raises(AdmissionError, match="other sizes"):
        store.load(tmp_path, replace(a.settings, log_cap=3))
    with pytest.raises(AdmissionError, match="no state"):
        store.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "wrong", [{"quota_max": 201}, {"quota_min": 49}, {"epoch_ns": 0}, {"trust_min": 1.0},
              {"refuse_sigmas": 1.0}, {"rate_per_s": float("inf")}],
)  # fmt: skip
def test_settings_out_of_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=f"admission.*{next(iter(wrong))}"):
        AdmissionSettings(**wrong)  # type: ignore[arg-type]


def test_a_state_saved_without_one_of_its_arrays_is_refused(tmp_path: Path) -> None:
    a = enrolled()
    a.admit(**walk(500, 5))
    short = a.state._asdict()
    kept = {k: v for k, v in short.items() if k not in (*at.DERIVED, "history")}
    assert "history" in short
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(a.state), "_asdict", lambda _: kept)
        store.save(a, tmp_path)
    with pytest.raises(AdmissionError, match="history is missing"):
        store.load(tmp_path)
