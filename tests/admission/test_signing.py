# SPDX-License-Identifier: MIT
"""Signed batches: opened once, by whoever may speak for the source, within the window."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.admission.errors import AdmissionError
from seawall.admission.gateway import WINDOW_BITS, Gateway, Outcome
from seawall.admission.signing import Envelope, Key, Scheme, seal

NOW = 1_700_000_000_000_000_000
S = 1_000_000_000
SOURCE = "binance|BTC/USDT|trades|conn-1"
HMAC = Key("ours", Scheme.HMAC_SHA256, ("binance",), secret=bytes(range(32)))
EDDSA = Key("theirs", Scheme.ED25519, ("kraken", "binance|BTC/USDT"), secret=b"\x07" * 32)


def gateway(**limits: int) -> Gateway:
    public = Key("theirs", Scheme.ED25519, EDDSA.sources, public=EDDSA.public)
    return Gateway([HMAC, public], **limits)


@pytest.mark.parametrize("key", [HMAC, EDDSA], ids=["hmac", "ed25519"])
def test_a_signed_batch_is_opened_once(key: Key) -> None:
    door = gateway()
    batch = seal(key, SOURCE, 0, NOW, b"samples")
    assert door.open(batch, NOW) is Outcome.ACCEPTED
    assert door.open(batch, NOW) is Outcome.REPLAYED_NONCE
    assert door.open(seal(key, SOURCE, 0, NOW, b"samples"), NOW) is Outcome.REPLAYED_SEQUENCE
    assert door.open(seal(key, SOURCE, 1, NOW, b"samples"), NOW) is Outcome.ACCEPTED


@pytest.mark.parametrize("key", [HMAC, EDDSA], ids=["hmac", "ed25519"])
@pytest.mark.parametrize(
    "change",
    [{"payload": b"other"}, {"sequence": 9}, {"sent_ts": NOW + 1}, {"nonce": b"\0" * 16},
     {"source": "binance|BTC/USDT|trades|conn-2"}, {"signature": b""}, {"signature": b"\0" * 64}],
    ids=lambda c: "-".join(c),
)  # fmt: skip
def test_any_changed_field_is_a_bad_signature_and_changes_nothing(
    key: Key, change: dict[str, object]
) -> None:
    door = gateway()
    good = seal(key, SOURCE, 0, NOW, b"samples")
    before = door.export()
    assert door.open(replace(good, **change), NOW) is Outcome.BAD_SIGNATURE  # type: ignore[arg-type]
    after = door.export()
    assert {k: v for k, v in after.items() if k != "counts"} == {
        k: v for k, v in before.items() if k != "counts"
    }
    assert door.open(good, NOW) is Outcome.ACCEPTED


def test_the_hmac_is_that_of_the_standard_library_over_the_length_prefixed_fields() -> None:
    batch = seal(HMAC, SOURCE, 3, NOW, b"xyz", nonce=b"n" * 16)
    parts = [b"seawall-batch-1", b"ours", SOURCE.encode(), b"3", b"n" * 16, str(NOW).encode(),
             hashlib.sha256(b"xyz").digest()]  # fmt: skip
    data = b"".join(len(p).to_bytes(8, "big") + p for p in parts)
    assert batch.signature == hmac.digest(bytes(range(32)), data, "sha256")


def test_ed25519_gives_the_published_vector_of_rfc_8032() -> None:
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    key = Key("rfc", Scheme.ED25519, ("x",), secret=secret)
    assert key.public.hex() == public
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


def test_a_key_speaks_only_for_its_sources() -> None:
    door = gateway()
    other = "kraken|BTC/USDT|trades|c"
    assert door.open(seal(HMAC, other, 0, NOW, b""), NOW) is Outcome.UNKNOWN_SOURCE
    assert door.open(seal(EDDSA, other, 0, NOW, b""), NOW) is Outcome.ACCEPTED
    alt = "binance|ETH/USDT|trades|c"
    assert door.open(seal(EDDSA, alt, 0, NOW, b""), NOW) is Outcome.UNKNOWN_SOURCE
    assert door.open(seal(HMAC, "binance", 0, NOW, b""), NOW) is Outcome.UNKNOWN_SOURCE
    stranger = Key("who", Scheme.HMAC_SHA256, ("binance",), secret=b"k" * 32)
    assert door.open(seal(stranger, SOURCE, 0, NOW, b""), NOW) is Outcome.UNKNOWN_KEY


def test_a_clock_in_the_future_and_an_old_batch_are_refused_but_take_no_number() -> None:
    door = gateway(window_ns=60 * S, skew_ns=S)
    assert door.open(seal(HMAC, SOURCE, 5, NOW + S + 1, b""), NOW) is Outcome.FUTURE
    assert door.open(seal(HMAC, SOURCE, 5, NOW - 60 * S - 1, b""), NOW) is Outcome.STALE
    assert door.open(seal(HMAC, SOURCE, 5, NOW + S, b""), NOW) is Outcome.ACCEPTED
    assert door.open(seal(HMAC, SOURCE, 4, NOW - 60 * S, b""), NOW) is Outcome.ACCEPTED
    assert door.counts[Outcome.FUTURE] == 1
    assert door.counts[Outcome.STALE] == 1


@given(st.lists(st.integers(0, 300), max_size=120))
def test_every_number_is_taken_at_most_once_in_whatever_order(numbers: list[int]) -> None:
    door = gateway()
    taken: set[int] = set()
    for number in numbers:
        got = door.open(seal(HMAC, SOURCE, number, NOW, b""), NOW)
        high = max(taken, default=-1)
        wanted = number not in taken and number > high - WINDOW_BITS
        assert (got is Outcome.ACCEPTED) is wanted
        if wanted:
            taken.add(number)


def test_the_memory_for_nonces_is_bounded_and_forgetting_lets_no_replay_in() -> None:
    door = gateway(nonces_max=100)
    batches = [seal(HMAC, f"binance|X|trades|{n}", 0, NOW + n, b"") for n in range(500)]
    for batch in batches:
        assert door.open(batch, NOW) is Outcome.ACCEPTED
        assert len(door.export()["nonces"]) <= 100
    refused = {Outcome.STALE, Outcome.REPLAYED_NONCE, Outcome.REPLAYED_SEQUENCE}
    assert {door.open(batch, NOW) for batch in batches} <= refused


def test_replay_protection_survives_a_restart() -> None:
    door = gateway()
    batch = seal(EDDSA, SOURCE, 0, NOW, b"samples")
    door.open(batch, NOW)
    again = gateway()
    again.restore(door.export())
    assert again.open(batch, NOW) is Outcome.REPLAYED_NONCE
    assert again.export()["windows"] == door.export()["windows"]
    with pytest.raises(AdmissionError, match="no state of a gateway"):
        again.restore({"windows": []})
    assert again.open(batch, NOW) is Outcome.REPLAYED_NONCE


def test_keys_are_checked_and_secrets_are_not_shown() -> None:
    with pytest.raises(AdmissionError, match="too short"):
        Key("k", Scheme.HMAC_SHA256, ("x",), secret=b"short")
    with pytest.raises(AdmissionError, match="Ed25519"):
        Key("k", Scheme.ED25519, ("x",), secret=b"short")
    with pytest.raises(AdmissionError, match="private key"):
        Key("k", Scheme.ED25519, ("x",), public=EDDSA.public).sign(b"")
    assert "secret" not in repr(HMAC)
    with pytest.raises(AdmissionError, match="different names"):
        Gateway([HMAC, HMAC])


def test_signed_bytes_of_shifted_fields_differ() -> None:
    one = Envelope("ab", "c", 1, b"", 1, b"")
    two = Envelope("a", "bc", 1, b"", 1, b"")
    assert one.signed_bytes() != two.signed_bytes()
