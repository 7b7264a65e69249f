# SPDX-License-Identifier: MIT
"""Errors say what, where and how to mend, also on the far side of a process."""

from __future__ import annotations

import pickle

import pytest

from seawall.model import errors
from seawall.model.errors import SeawallError

TREE = [
    kind for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SeawallError)
]  # fmt: skip


@pytest.mark.parametrize("kind", TREE)
def test_every_error_survives_pickling_with_all_it_says(kind: type[SeawallError]) -> None:
    error = kind("it is wrong", where="file.csv:3", mend="make it right")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.what, copy.where, copy.mend) == ("it is wrong", "file.csv:3", "make it right")
    assert str(copy) == str(error)


def test_the_text_has_only_the_parts_that_are_known() -> None:
    assert str(SeawallError("a")) == "a"
    assert str(SeawallError("a", where="b", mend="c")) == "a\n  where: b\n  mend: c"


def test_each_branch_of_the_tree_has_an_exit_code_of_its_own() -> None:
    branches = SeawallError.__subclasses__()
    codes = [kind.exit_code for kind in branches]
    assert len(set(codes)) == len(codes)
    assert all(2 <= code <= 63 for code in codes)
    for kind in TREE:
        for child in kind.__subclasses__():
            assert child.exit_code != SeawallError.exit_code
