# SPDX-License-Identifier: MIT
"""The slow way: any JSON, rewritten in the one form that the compiled reader takes.

Escapes, exponents, unquoted decimals, unusual key order, arrays of messages: all of them
are read with :mod:`msgspec` and written again with the keys in Binance's usual order and
the decimals in full.  The compiled reader then makes the events, so that both ways cannot
differ in what a message means.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from seawall.data.venues.binance.text import MAX_DIGITS
from seawall.data.venues.faults import Fault

_READER = msgspec.json.Decoder(float_hook=Decimal)

_SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "depthUpdate": (("U", "i"), ("u", "i"), ("pu", "i?"), ("b", "l"), ("a", "l")),
    "aggTrade": (("a", "i"), ("p", "d"), ("q", "d"), ("m", "t"), ("T", "n")),
    "trade": (("t", "i"), ("p", "d"), ("q", "d"), ("m", "t"), ("T", "n")),
    "bookTicker": (("u", "i"), ("b", "d"), ("B", "d"), ("a", "d"), ("A", "d")),
    "markPriceUpdate": (("p", "d"), ("i", "d?"), ("r", "r?"), ("T", "n")),
    "forceOrder": (("S", "w"), ("q", "d?"), ("p", "d?"), ("ap", "d?"), ("z", "d?")),
}
"""Keys of each kind after ``e``, ``E`` and ``s``: i integer, d decimal, r signed decimal,
l levels, t truth, w word; ``?`` may be missing, n is an integer or left out."""


class _Refused(Exception):
    """A message cannot be rewritten."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.name)


def canonical(message: bytes) -> list[bytes] | Fault:
    """Rewrite one message.

    Returns
    -------
    list of bytes or Fault
        The messages in it, none when it is of a kind that is not read, or the fault.
    """
    try:
        whole = _READER.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Fault.MALFORMED
    except (InvalidOperation, OverflowError):
        return Fault.BAD_NUMBER
    try:
        return _rewrite(whole)
    except _Refused as refused:
        return refused.fault


def _rewrite(whole: Any) -> list[bytes]:
    """Texts of a message that is an object, a combined one, or an array."""
    stream = None
    body = whole
    if isinstance(whole, dict):
        if isinstance(whole.get("stream"), str):
            stream = whole["stream"]
        for key in ("data", "result"):
            if isinstance(whole.get(key), dict | list):
                body = whole[key]
    items = body if isinstance(body, list) else [body]
    texts = []
    for item in items:
        if not isinstance(item, dict):
            raise _Refused(Fault.UNREADABLE)
        text = _one(item, stream)
        if text is not None:
            texts.append(text)
    return texts


def _one(item: dict[str, Any], stream: str | None) -> bytes | None:
    """Text of one message; ``None`` for kinds that are not read."""
    kind = item.get("e")
    if kind is None and "lastUpdateId" in item:
        return _snapshot(item, stream)
    if kind is None and {"u", "b", "B", "a", "A"} <= item.keys():
        kind = "bookTicker"
    if kind is None and ("error" in item or "code" in item):
        raise _Refused(Fault.VENUE_ERROR)
    if not isinstance(kind, str) or kind not in _SHAPES:
        return None
    if kind == "forceOrder" and isinstance(item.get("o"), dict):
        item = {**item["o"], "E": item.get("E")}
    parts = [f'"e":"{kind}"']
    if isinstance(item.get("E"), int):
        parts.append(f'"E":{_whole(item["E"])}')
    if "s" in item:
        parts.append(f'"s":"{_word(item["s"])}"')
    for key, shape in _SHAPES[kind]:
        value = item.get(key)
        if shape == "n":
            if isinstance(value, int) and not isinstance(value, bool):
                parts.append(f'"{key}":{_whole(value)}')
            continue
        if value is None:
            if not shape.endswith("?"):
                raise _Refused(Fault.UNREADABLE)
            continue
        parts.append(f'"{key}":{_value(value, shape[0])}')
    return _frame(parts, stream)


def _snapshot(item: dict[str, Any], stream: str | None) -> bytes:
    """Text of a depth snapshot."""
    parts = []
    if "symbol" in item:
        parts.append(f'"symbol":"{_word(item["symbol"])}"')
    parts.append(f'"lastUpdateId":{_whole(item["lastUpdateId"])}')
    if isinstance(item.get("E"), int):
        parts.append(f'"E":{_whole(item["E"])}')
    for key in ("bids", "asks"):
        parts.append(f'"{key}":{_levels(item.get(key))}')
    return _frame(parts, stream)


def _frame(parts: list[str], stream: str | None) -> bytes:
    """Join the fields, inside a combined message when it came as one."""
    body = "{" + ",".join(parts) + "}"
    if stream is not None:
        body = f'{{"stream":"{_word(stream)}","data":{body}}}'
    return body.encode("ascii")


def _value(value: Any, shape: str) -> str:
    """JSON text of one field."""
    if shape == "i":
        return str(_whole(value))
    if shape == "t":
        if not isinstance(value, bool):
            raise _Refused(Fault.UNREADABLE)
        return "true" if value else "false"
    if shape == "l":
        return _levels(value)
    if shape == "w":
        return f'"{_word(value)}"'
    if value == "":
        return '""'
    return f'"{_decimal(value, signed=shape == "r")}"'


def _whole(value: Any) -> int:
    """Whole number that int64 holds."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Refused(Fault.UNREADABLE)
    if abs(value) >= 10**MAX_DIGITS:
        raise _Refused(Fault.BAD_NUMBER)
    return value


def _word(value: Any) -> str:
    """Text that needs no escape."""
    if not isinstance(value, str):
        raise _Refused(Fault.UNREADABLE)
    if not value.isascii() or not value.isprintable() or '"' in value or "\\" in value:
        raise _Refused(Fault.UNKNOWN_SYMBOL)
    return value


def _levels(value: Any) -> str:
    """Levels; elements after price and quantity are left out."""
    if not isinstance(value, list):
        raise _Refused(Fault.UNREADABLE)
    texts = []
    for level in value:
        if not isinstance(level, list) or len(level) < 2:
            raise _Refused(Fault.UNREADABLE)
        texts.append(f'["{_decimal(level[0])}","{_decimal(level[1])}"]')
    return "[" + ",".join(texts) + "]"


def _decimal(value: Any, *, signed: bool = False) -> str:
    """Decimal in full, without trailing zeros."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _Refused(Fault.UNREADABLE)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _Refused(Fault.BAD_NUMBER) from None
    if not number.is_finite() or (number < 0 and not signed) or not -30 < number.adjusted() < 18:
        raise _Refused(Fault.BAD_NUMBER)
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if sum(c.isdigit() for c in text) > MAX_DIGITS:
        raise _Refused(Fault.BAD_NUMBER)
    return "0" if number == 0 else text
