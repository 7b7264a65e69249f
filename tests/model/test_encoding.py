# SPDX-License-Identifier: MIT
"""One JSON spelling for everything that is reported."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from seawall.model.encoding import to_json
from seawall.model.order import Side


@dataclass(frozen=True, slots=True)
class Thing:
    side: Side
    path: Path
    money: Decimal


def test_dataclasses_enumerations_paths_and_decimals_have_a_json_form() -> None:
    text = to_json({"thing": Thing(Side.SELL, Path("a/b"), Decimal("0.10"))})
    assert json.loads(text) == {"thing": {"side": "sell", "path": "a/b", "money": "0.10"}}


def test_numpy_scalars_and_arrays_are_plain_numbers() -> None:
    value = {"f": np.float64(0.5), "i": np.int64(3), "b": np.bool_(True), "a": np.arange(3)}
    assert json.loads(to_json(value)) == {"f": 0.5, "i": 3, "b": True, "a": [0, 1, 2]}


def test_what_json_cannot_say_is_null_and_never_a_broken_text() -> None:
    value = {"nan": math.nan, "inf": -math.inf, "numpy": np.array([1.0, np.nan])}
    assert json.loads(to_json(value)) == {"nan": None, "inf": None, "numpy": [1.0, None]}


def test_equal_values_have_equal_text_whatever_their_order() -> None:
    assert to_json({"b": 1, "a": 2}) == to_json({"a": 2, "b": 1}) == '{"a":2,"b":1}'
    assert to_json({"a": [1]}, indent=2) == '{\n  "a": [\n    1\n  ]\n}'


def test_a_value_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        to_json({"x": object()})
