"""Every finding has its words in both languages, and the guard's files agree with them."""

import re
import tomllib
from pathlib import Path

import pytest

from app.guard.assess import RULESET
from app.guard.banners import BANNER_OF
from app.guard.judge import explain, judge_line, judge_stream
from app.guard.lexicon import FOLDER, KINDS, KnowledgeError, load_groups, read_list
from app.guard.patterns import compile_sequence
from app.guard.verdict import Finding, Label, Outcome
from app.kit import texts

_TEXTS = Path(texts.__file__).resolve().parent.parent / "texts"


def _table(language: str) -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((_TEXTS / language / "wacht.toml").read_text("utf-8"))


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    dutch, english = _table("nl"), _table("en")
    assert dutch.keys() == english.keys()
    for part, tables in dutch.items():
        assert list(tables) == list(english[part])
        for key, fields in tables.items():
            for field, value in fields.items():
                theirs = english[part][key][field]
                names = re.findall(r"\{\w+\}", str(value))
                assert set(names) == set(re.findall(r"\{\w+\}", str(theirs))), (key, field)


def test_every_pattern_of_the_guard_is_what_its_words_say() -> None:
    table = _table("nl")["patroon"]
    for pattern, kind in RULESET.kinds.items():
        words = table[pattern]
        assert int(words["regel"]) == kind.rule, pattern
        sort = {"regel": "rule", "vorm": "form"}.get(words["soort"], words["soort"])
        assert sort == kind.label, pattern


def test_every_finding_can_be_told_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "strict", True)
    for pattern, kind in RULESET.kinds.items():
        found = Finding(pattern, kind.label, kind.rule, 0, 4, kind.outcome, None, "Stop.")
        for language in texts.LANGUAGES:
            for said in (found.reason(language), found.suggestion(language), found.moderator_label(language)):
                assert said and "{" not in said


def test_every_banner_has_its_words() -> None:
    for banner in BANNER_OF.values():
        assert texts.standing(f"scherm.{banner}", "nl") and texts.standing(f"scherm.{banner}", "en")


def test_every_list_says_what_it_is() -> None:
    for name in KINDS.values():
        assert len(read_list(FOLDER / name)) > 5
    assert len(load_groups()) > 20


def test_a_mistake_in_a_rule_is_named() -> None:
    with pytest.raises(KnowledgeError, match="no group nothere"):
        compile_sequence("je {nothere}", {})
    with pytest.raises(KnowledgeError, match="not a word"):
        compile_sequence("je (moet)", {})


def test_a_judgement_is_a_line_of_json() -> None:
    judged = judge_line({"id": "x1", "text": "Je moet stoppen met Lyrica."})
    assert (judged["id"], judged["labels"], judged["action"]) == ("x1", [Label.MEDICAL_ADVICE], Outcome.BLOCK)
    assert judged["findings"][0]["start"] == 0 and judged["findings"][0]["end"] == 27
    lines: list[str] = []
    assert judge_stream(['{"id": 1, "text": "Hoi"}\n', "\n", '{"id": 2, "text": "\\ud800"}\n'], lines.append) == 2
    assert all(line.endswith("\n") and line.isascii() for line in lines)


def test_a_person_can_read_why() -> None:
    said = explain("Je moet stoppen met Lyrica.", "nl")
    assert "tegenhouden" in said and "Lyrica" in said and "advies_stop" in said
    assert "finds nothing" in explain("Hoi.", "en")
