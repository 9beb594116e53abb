"""The guard for the command line: lines of posts in and judgements out, and an explanation for a person."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from app.guard.assess import assess
from app.guard.verdict import COACH, CORPUS_LABELS, RULESET_VERSION, Finding, Outcome


def judge_line(row: dict[str, Any]) -> dict[str, Any]:
    """The judgement of one row with `id` and `text`: its labels, action, score and the places in the text."""
    verdict = assess(str(row.get("text", "")))
    return {
        "id": row.get("id"),
        "labels": [label.value for label in verdict.labels],
        "action": verdict.outcome.value,
        "score": verdict.score,
        "findings": [_shown(found) for found in verdict.findings if found.label in CORPUS_LABELS and _stops(found)],
    }


def judge_stream(lines_in: Iterable[str], write: Callable[[str], object]) -> int:
    """Judges JSON lines one by one and writes a JSON line for each; blank lines are passed over. Answers how many."""
    count = 0
    for line in lines_in:
        if not line.strip():
            continue
        write(json.dumps(judge_line(json.loads(line)), ensure_ascii=True) + "\n")
        count += 1
    return count


def explain(text: str, language: str = "nl") -> str:
    """What the guard makes of a text, in lines for a person in a terminal."""
    verdict = assess(text)
    words = _WORDS.get(language, _WORDS["nl"])
    lines = [f"{words[verdict.outcome]}  ({words['score']}: {verdict.score:.2f}, {words['rules']}: {RULESET_VERSION})"]
    for found in verdict.findings:
        lines += _explained(found, language, words)
    lines += [f"  {words['banner']}: {banner}" for banner in verdict.banners]
    if not verdict.findings and not verdict.banners:
        lines.append(f"  {words['nothing']}")
    return "\n".join(lines) + "\n"


def _explained(found: Finding, language: str, words: dict[str, str]) -> list[str]:
    rule = f"{words['rule']} {found.rule}, {found.pattern}, {words[found.outcome]}"
    return [
        f"  [{found.start}:{found.end}] {found.words!r}",
        f"    {found.moderator_label(language)} ({rule})",
        f"    {found.reason(language)}",
        f"    {found.suggestion(language)}",
    ]


def _shown(found: Finding) -> dict[str, Any]:
    return {
        "label": found.label.value,
        "rule": found.rule,
        "start": found.start,
        "end": found.end,
        "reason": found.reason("nl"),
    }


def _stops(found: Finding) -> bool:
    return found.outcome in (Outcome.HOLD, Outcome.BLOCK)


_WORDS: dict[str, dict[str, str]] = {
    "nl": {
        Outcome.PUBLISH: "plaatsen",
        Outcome.HOLD: "aanhouden",
        Outcome.BLOCK: "tegenhouden",
        COACH: "meedenken",
        "score": "advies",
        "rules": "regels",
        "rule": "regel",
        "banner": "uitleg erbij",
        "nothing": "De wacht ziet niets.",
    },
    "en": {
        Outcome.PUBLISH: "publish",
        Outcome.HOLD: "hold",
        Outcome.BLOCK: "block",
        COACH: "coach",
        "score": "advice",
        "rules": "rules",
        "rule": "rule",
        "banner": "shown with it",
        "nothing": "The guard finds nothing.",
    },
}
