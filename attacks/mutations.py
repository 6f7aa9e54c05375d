"""Bytes and values that no honest program writes: mutations of valid files, and plain noise."""

import json
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

NASTY: Sequence[Any] = (
    None, True, False, -1, 0, 1, 2**31, 2**63, 2**64, -(2**63), 1e308, -0.0, 0.5, float("nan"), float("inf"),
    "", "x", "\0", "word" * 200, "\ud800", "1e9", [], {}, [[]], [None], {"": {}}, "no/such/folder", "adam",
)  # fmt: skip
TOKENS = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\r",
    b" ",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"9" * 30,
)

Change = Callable[[bytearray, random.Random], None]


def mutated(valid: bytes, chance: random.Random) -> bytes:
    """A valid file with one to eight faults, or, one time in ten, no file at all but noise."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(0, 4096))
    content = bytearray(valid)
    for _ in range(min(chance.randint(1, 8), chance.randint(1, 8))):
        chance.choice(_CHANGES)(content, chance)
    return bytes(content)


def with_nasty_value(tree: Any, chance: random.Random) -> Any:
    """JSON with one value, anywhere in it, replaced, removed or put in twice."""
    tree = json.loads(json.dumps(tree))
    place: Any = None
    key: Any = None
    here = tree
    while isinstance(here, dict | list) and here and (place is None or chance.random() < 0.85):
        place, key = (
            here,
            chance.choice(list(here)) if isinstance(here, dict) else chance.randrange(len(here)),
        )
        here = place[key]
    if place is None:
        return chance.choice(NASTY)
    if chance.random() < 0.15:
        del place[key]
    elif isinstance(place, list) and chance.random() < 0.2:
        place.insert(chance.randrange(len(place) + 1), chance.choice(NASTY))
    else:
        place[key] = chance.choice(NASTY)
    return tree


def _place(content: bytearray, chance: random.Random) -> int:
    """Anywhere, but more often near the beginning, where headers are."""
    length = max(len(content), 1)
    return chance.randrange(min(length, 300) if chance.random() < 0.5 else length)


def _flip(content: bytearray, chance: random.Random) -> None:
    if content:
        content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _overwrite(content: bytearray, chance: random.Random) -> None:
    at, n = _place(content, chance), chance.choice((1, 2, 4, 8, 64))
    content[at : at + n] = chance.randbytes(n)


def _number(content: bytearray, chance: random.Random) -> None:
    at = _place(content, chance)
    value = chance.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, len(content)))
    content[at : at + 8] = struct.pack("<Q", value)


def _insert(content: bytearray, chance: random.Random) -> None:
    at = _place(content, chance)
    content[at:at] = chance.choice(TOKENS) * chance.choice((1, 1, 1, 50))


def _delete(content: bytearray, chance: random.Random) -> None:
    at = _place(content, chance)
    del content[at : at + chance.choice((1, 2, 8, 100, 1000))]


def _repeat(content: bytearray, chance: random.Random) -> None:
    at, n = _place(content, chance), chance.choice((1, 8, 100, 1000))
    content[at:at] = content[at : at + n]


def _truncate(content: bytearray, chance: random.Random) -> None:
    del content[_place(content, chance) :]


def _swap(content: bytearray, chance: random.Random) -> None:
    a, b, n = _place(content, chance), _place(content, chance), chance.choice((1, 4, 32))
    content[a : a + n], content[b : b + n] = content[b : b + n], content[a : a + n]


_CHANGES: Sequence[Change] = (_flip, _flip, _overwrite, _number, _insert, _delete, _repeat, _truncate, _swap)
