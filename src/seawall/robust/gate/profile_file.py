# SPDX-License-Identifier: MIT
"""Calibrated profiles on disk, bound to the golden set they were calibrated on."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from seawall.robust.gate.check import Limits
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.profile import Calibration, GateProfile
from seawall.robust.gate.store import write_whole


def save_profile(profile: GateProfile, golden: str, path: Path) -> Path:
    """Write a profile; a file that stood there is replaced only by a whole one.

    Parameters
    ----------
    profile : GateProfile
        To be kept.
    golden : str
        Digest of the golden set.
    path : Path
        File; its folder is made when missing.
    """
    body = {"golden": golden, "profile": _finite(asdict(profile))}
    text = msgspec.json.encode(body, order="sorted")
    whole = body | {"sha256": hashlib.sha256(text).hexdigest()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.format(msgspec.json.encode(whole, order="sorted")) + b"\n")
    return path


def load_profile(path: Path, golden: str = "") -> GateProfile:
    """Read a profile and see that it is whole and belongs to a golden set.

    Raises
    ------
    GateError
        Missing, changed, or calibrated on another golden set.
    """
    try:
        whole: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        stated = whole.pop("sha256")
        if hashlib.sha256(msgspec.json.encode(whole, order="sorted")).hexdigest() != stated:
            raise ValueError("its hash differs")
        raw = _infinite(whole["profile"])
        note = raw.pop("calibration")
        warn, act = Limits(**raw.pop("warn")), Limits(**raw.pop("act"))
        calibration = Calibration(**(note | {"nulls": tuple(note["nulls"])})) if note else None
        profile = GateProfile(warn=warn, act=act, calibration=calibration, **raw)
    except FileNotFoundError:
        raise GateError(
            "there is no profile", where=str(path), mend="seawall golden calibrate makes one"
        ) from None
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise GateError(
            f"the profile is cut short or changed: {error}",
            where=str(path),
            mend="calibrate it again: seawall golden calibrate",
        ) from None
    if golden and whole["golden"] != golden:
        raise GateError(
            "the profile was calibrated on another golden set",
            where=str(path),
            mend="calibrate one for this set: seawall golden calibrate",
        )
    return profile


def _finite(value: Any) -> Any:
    """JSON has no infinity: write it as text."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, float) and math.isinf(value):
        return "inf"
    return list(value) if isinstance(value, tuple) else value


def _infinite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _infinite(v) for k, v in value.items()}
    return math.inf if value == "inf" else value
