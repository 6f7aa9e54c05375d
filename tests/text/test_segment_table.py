import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text.segment_table import SegmentTable, Words, distinct, words_of

KEYS = st.lists(st.binary(min_size=1, max_size=32).filter(lambda key: b"\0" not in key), max_size=40)


def words(keys: list[bytes], width: int) -> Words:
    lengths = np.array([len(key) for key in keys], np.intp)
    starts = np.cumsum(lengths) - lengths
    return words_of(b"".join(keys) + bytes(8 * width), starts, lengths, width)


@given(KEYS)
def test_a_key_is_its_bytes_and_nothing_of_what_follows(keys: list[bytes]) -> None:
    columns = words(keys, 4)
    for i, key in enumerate(keys):
        assert b"".join(int(word[i]).to_bytes(8, "little") for word in columns) == key.ljust(32, b"\0")


@given(KEYS)
def test_equal_keys_are_put_together_and_the_first_is_named(keys: list[bytes]) -> None:
    first, which = distinct(words(keys, 4))
    assert sorted(first.tolist()) == sorted(keys.index(key) for key in set(keys))
    assert [keys[first[w]] for w in which.tolist()] == keys


@pytest.mark.parametrize(("width", "longest"), [(1, 8), (4, 32)])
def test_the_table_answers_as_a_dict_does_while_it_grows(width: int, longest: int) -> None:
    chance = random.Random(0)
    table = SegmentTable(width)
    known: dict[bytes, int] = {}
    for _ in range(20):
        keys = [bytes(chance.choices(b"abcd", k=chance.randint(1, longest))) for _ in range(3000)]
        assert table.find(words(keys, width)).tolist() == [known.get(key, -1) for key in keys]
        new = [key for key in dict.fromkeys(keys) if key not in known]
        numbers = np.arange(len(known), len(known) + len(new))
        table.add(words(new, width), numbers)
        known.update(zip(new, numbers.tolist(), strict=True))
    everything = list(known)
    assert len(everything) > 8192, "the table has grown beyond its first size"
    assert table.find(words(everything, width)).tolist() == list(known.values())


def test_keys_that_want_the_same_slot_get_one_each() -> None:
    # The slot is the top bits of key * c modulo 2^64: keys that differ by multiples of 1/c clash.
    inverse = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
    keys = [np.array([inverse * (n + 1) % (1 << 64) for n in range(50)], np.uint64)]
    table = SegmentTable(1)
    assert len(set(table._slots(keys).tolist())) == 1
    table.add(keys, np.arange(50))
    assert table.find(keys).tolist() == list(range(50))
    assert table.find([keys[0] + np.uint64(1)]).tolist() == [-1] * 50
