"""A few hundred broken inputs of each kind (`python -m attacks.fuzz` tries 10,000)."""

import random
from pathlib import Path

import pytest

from attacks.fuzz import KINDS, fuzz
from attacks.mutations import mutated, with_nasty_value


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_a_named_error_and_comes_soon(kind: str, tmp_path: Path) -> None:
    findings = fuzz(kind, 60, seed=5, folder=tmp_path)
    assert findings.wrong == []
    assert findings.tried == 60
    assert findings.refusals.total() > 10, "the inputs are not broken enough to prove anything"
    assert findings.accepted > 0, "the inputs are too broken to get far"


def test_the_attack_notices_an_error_that_is_no_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attacks.victims.read_text", lambda path: {}["nothing"])
    findings = fuzz("text", 3, seed=0, folder=tmp_path)
    assert len(findings.wrong) == 3
    assert "KeyError" in findings.wrong[0]


def test_a_seed_gives_the_same_inputs() -> None:
    for change, valid in ((mutated, b"valid" * 100), (with_nasty_value, {"a": [1, {"b": "c"}]})):
        first, again = (repr(change(valid, random.Random(3))) for _ in range(2))
        assert first == again
        assert first != repr(valid)
