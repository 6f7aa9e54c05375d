"""A few hundred broken inputs of each kind (`python -m attacks.fuzz` tries 10,000)."""

import json
import random
from pathlib import Path

import pytest

from attacks.fuzz import FOUND, KINDS, Findings, coverage, fuzz
from attacks.mutations import mutated, with_nasty_value


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_a_named_error_and_comes_soon(kind: str, tmp_path: Path) -> None:
    findings = fuzz(kind, 60, seed=5, folder=tmp_path)
    assert findings.wrong == []
    assert findings.tried >= 60
    assert findings.refusals.total() > 10, "the inputs are not broken enough to prove anything"
    assert findings.outcomes.total() > 0, "the inputs are too broken to get far"


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


def test_of_settings_so_many_are_really_trained(tmp_path: Path) -> None:
    findings = fuzz("settings", 20, seed=7, folder=tmp_path)
    assert findings.outcomes["trained"] == 20
    assert findings.tried == findings.outcomes.total() + findings.refusals.total() > 20


def test_what_a_worker_found_comes_back_whole(tmp_path: Path) -> None:
    findings = fuzz("vectors", 10, seed=7, folder=tmp_path)
    findings.leave(tmp_path)
    again = Findings(**json.loads((tmp_path / FOUND).read_text()))
    assert (again.tried, again.refusals) == (10, findings.refusals)
    assert again.peak_mb > 10


def test_the_guide_says_how_far_inputs_have_come() -> None:
    told = (
        "INFO: seed corpus: files: 3\n#4\tINITED cov: 148 ft: 159 corp: 3/4137b exec/s: 0 rss: 72Mb\n"
        "#5\tNEW    cov: 155 ft: 166 corp: 4/5758b lim: 3260\n"
        "#300\tDONE   cov: 1182 ft: 399 corp: 40/21Kb lim: 3260 exec/s: 150 rss: 73Mb\n"
    )
    first, last = coverage(told).splitlines()
    assert first == "4 valid files: 148 branches reached, in 159 ways; 3 inputs kept"
    assert last == "300 inputs: 1,182 branches reached, in 399 ways; 40 inputs kept"
