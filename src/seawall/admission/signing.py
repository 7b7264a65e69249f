# SPDX-License-Identifier: MIT
"""Batches under a signature: HMAC-SHA256 between ourselves, Ed25519 from others.

What is signed is unambiguous: a name of the form, then every field with its length
before it, so that no two batches have the same signed bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from enum import Enum

from seawall.admission.errors import AdmissionError

_FORM = b"seawall-batch-1"
HMAC_KEY_BYTES_MIN = 32
NONCE_BYTES = 16


class Scheme(Enum):
    """How a batch is signed."""

    HMAC_SHA256 = "hmac-sha256"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One signed batch.

    Parameters
    ----------
    key_id : str
        Name of the key; the signature covers it.
    source : str
        ``venue|stream|feed|batch``.
    sequence : int
        Counts the batches of one key and source, from 0 to 2**63 - 1.
    nonce : bytes
        16 random bytes.
    sent_ts : int
        Sender's clock, ns UTC.
    payload : bytes
        The samples, in whatever form sender and receiver agreed on.
    signature : bytes
        Over all fields before it.
    """

    key_id: str
    source: str
    sequence: int
    nonce: bytes
    sent_ts: int
    payload: bytes
    signature: bytes = b""

    def signed_bytes(self) -> bytes:
        """Return what the signature covers: every field, each behind its length."""
        parts = (
            _FORM, self.key_id.encode(), self.source.encode(), b"%d" % self.sequence,
            self.nonce, b"%d" % self.sent_ts, hashlib.sha256(self.payload).digest(),
        )  # fmt: skip
        return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the sources it speaks for.

    Parameters
    ----------
    key_id : str
        Its name.
    scheme : Scheme
        HMAC_SHA256 or ED25519.
    sources : tuple of str
        Leading parts of the sources it may sign: ``binance`` or ``binance|BTC/USDT``.
    secret : bytes
        HMAC key of at least 32 bytes, or the Ed25519 private key (32 bytes); empty when
        this side only verifies Ed25519.  Never shown by ``repr``.
    public : bytes
        Ed25519 public key, 32 bytes; found from the private key when absent.

    Raises
    ------
    AdmissionError
        When the key does not fit its scheme.
    """

    key_id: str
    scheme: Scheme
    sources: tuple[str, ...]
    secret: bytes = field(default=b"", repr=False)
    public: bytes = b""

    def __post_init__(self) -> None:
        if self.scheme is Scheme.HMAC_SHA256:
            if len(self.secret) < HMAC_KEY_BYTES_MIN:
                raise AdmissionError(
                    f"an HMAC key of {len(self.secret)} bytes is too short",
                    where=f"key {self.key_id}",
                    mend=f"give {HMAC_KEY_BYTES_MIN} random bytes or more",
                )
            return
        try:
            if not self.public:
                object.__setattr__(self, "public", _public_of(self.secret))
            elif len(self.public) != 32:
                raise ValueError("an Ed25519 public key is 32 bytes long")
        except ValueError as problem:
            raise AdmissionError(
                f"no Ed25519 key: {problem}", where=f"key {self.key_id}", mend="give 32 bytes"
            ) from None

    def sign(self, data: bytes) -> bytes:
        """Sign bytes.

        Raises
        ------
        AdmissionError
            When this side has the public key only.
        """
        if self.scheme is Scheme.HMAC_SHA256:
            return hmac.new(self.secret, data, hashlib.sha256).digest()
        if not self.secret:
            raise AdmissionError(
                "the private key is not here", where=f"key {self.key_id}", mend="verify only"
            )
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(data)

    def verifies(self, data: bytes, signature: bytes) -> bool:
        """Whether a signature over bytes is this key's; compares in constant time."""
        if self.scheme is Scheme.HMAC_SHA256:
            return hmac.compare_digest(self.sign(data), signature)
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, data)
        except InvalidSignature:
            return False
        return True


def _public_of(secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def seal(
    key: Key, source: str, sequence: int, sent_ts: int, payload: bytes, nonce: bytes = b""
) -> Envelope:
    """Sign a batch.

    Parameters
    ----------
    key : Key
        With its secret.
    source : str
        ``venue|stream|feed|batch``.
    sequence : int
        One more than that of the batch before.
    sent_ts : int
        Now, ns UTC.
    payload : bytes
        The samples.
    nonce : bytes, optional
        16 bytes; drawn from the system when absent.
    """
    nonce = nonce or secrets.token_bytes(NONCE_BYTES)
    bare = Envelope(key.key_id, source, sequence, nonce, sent_ts, payload)
    signature = key.sign(bare.signed_bytes())
    return Envelope(key.key_id, source, sequence, nonce, sent_ts, payload, signature)
