"""How well the guard reads the corpus and the example café. Prints its figures; the floors are a little under them.

The rules were written with the first part of the corpus at hand; the second part says what they are worth.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.guard.assess import assess
from app.guard.corpus.split import parts
from app.guard.verdict import COACH, CORPUS_LABELS, Outcome, Verdict

EXAMPLE = Path(__file__).resolve().parents[2] / "app" / "example" / "data"

# Recall on the second part, per label. Misses in the second part were read for all labels in the end, and for medical
# advice and abuse in two thirds of it: expect less on posts that nobody looked at.
FLOORS = {
    "medical_advice": 0.7,
    "crisis": 0.7,
    "personal_data": 0.85,
    "commercial": 0.6,
    "medication_trade": 0.9,
    "abuse": 0.5,
    "misinformation_cure": 0.7,
}


def test_the_corpus_is_read_well_enough(capsys: pytest.CaptureFixture[str]) -> None:
    judged = [(row, assess(str(row["text"]))) for row in parts()[1]]
    clean = [verdict for row, verdict in judged if not row["labels"]]
    stopped = sum(verdict.outcome is not Outcome.PUBLISH for verdict in clean)
    figures = {label.value: _recall(judged, label.value) for label in CORPUS_LABELS}
    with capsys.disabled():
        print(f"\nclean posts stopped {stopped}/{len(clean)}")
        for label, (hit, all_of_it) in figures.items():
            print(f"{label:20} found {hit}/{all_of_it}")
    assert stopped <= 0.05 * len(clean)
    for label, (hit, all_of_it) in figures.items():
        assert hit >= FLOORS[label] * all_of_it, label


def test_no_post_in_danger_is_blocked() -> None:
    for row, verdict in [(row, assess(str(row["text"]))) for row in parts()[1]]:
        if any(found.label == "crisis" and found.outcome == Outcome.HOLD for found in verdict.findings):
            assert verdict.outcome is Outcome.HOLD, row


def _recall(judged: list[tuple[dict[str, Any], Verdict]], label: str) -> tuple[int, int]:
    of_label = [verdict for row, verdict in judged if label in row["labels"]]
    return sum(label in verdict.labels for verdict in of_label), len(of_label)


@pytest.mark.skipif(not (EXAMPLE / "threads.json").exists(), reason="the example café is not here")
def test_the_example_cafe_passes() -> None:
    threads = json.loads((EXAMPLE / "threads.json").read_text("utf-8"))
    threads = threads["threads"] if isinstance(threads, dict) else threads
    texts = [text for thread in threads for text in (thread["title"], *(post["text"] for post in thread["posts"]))]
    stopped = [(text, verdict) for text in texts if (verdict := assess(text)).outcome is not Outcome.PUBLISH]
    assert len(texts) > 700 and not stopped


# The role of the writer decides these, not the text.
NOT_THE_TEXT = {"c17"}


@pytest.mark.skipif(not (EXAMPLE / "cases.json").exists(), reason="the example café is not here")
def test_the_cases_of_the_example_cafe() -> None:
    cases = json.loads((EXAMPLE / "cases.json").read_text("utf-8"))["cases"]
    for case in cases:
        if case["id"] in NOT_THE_TEXT or not case.get("text"):
            continue
        expected = case["expected_guard_action"]
        verdict = assess(case["text"], wish="listen" if expected == COACH else None)
        coached = verdict.outcome is Outcome.PUBLISH and any(found.outcome == COACH for found in verdict.findings)
        assert (COACH if coached else verdict.outcome) == expected, (case["id"], verdict)
