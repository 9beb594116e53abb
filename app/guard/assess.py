"""Reads one text and answers with a verdict. Never raises, asks nothing of database, web or clock.

Crisis is always held and wins over all else: a person in danger must meet a person. Otherwise the strictest finding
wins; a finding to coach is shown and stops nothing.
"""

from dataclasses import dataclass, field

from app.guard import banners, house_rules, personal_data
from app.guard.normalise import Plain, plain
from app.guard.reading import Reading, read
from app.guard.rules import STOPS, Rule, Ruleset, load_ruleset
from app.guard.verdict import COACH, Finding, Label, Outcome, Verdict

RULESET = load_ruleset()

# Families in the order in which they are read. A sentence may have a finding of each.
FAMILIES = ("medical", "cure", "trade", "commerce", "abuse", "crisis", "house")
_CONTEXT = frozenset(("MED", "SUP", "DOSE", "TEST", "CARE", "TREAT", "AID", "DIAG", "VAC", "EXER", "spul"))
LISTEN = "listen"


@dataclass
class _Notes:
    """What was found while reading on: findings, and the beliefs that make the score."""

    findings: list[Finding] = field(default_factory=list)
    beliefs: list[float] = field(default_factory=list)


def assess(text: str, *, wish: str | None = None) -> Verdict:
    """The verdict about a text. With the wish to be listened to, a tip gets a finding to coach."""
    return assess_with(RULESET, text, wish=wish)


def assess_with(ruleset: Ruleset, text: str, *, wish: str | None = None) -> Verdict:
    """`assess` with another ruleset: how a test shows that the lists do the work."""
    plain_text = plain(text)
    readings = read(plain_text, ruleset.lexicon)
    endorsed = _endorsed(ruleset, readings)
    notes = _Notes()
    seen: frozenset[str] = frozenset()
    for reading in readings:
        seen |= reading.words & _CONTEXT
        _read_sentence(ruleset, text, plain_text, reading, seen, wish, notes, endorsed=endorsed)
    notes.findings.extend(personal_data.findings(ruleset, text, plain_text, readings))
    notes.findings.extend(house_rules.findings(ruleset, text, plain_text))
    findings = _kept(notes.findings)
    score = _score(notes.beliefs)
    return Verdict(_outcome(findings), findings, score, banners.for_findings(findings))


def _endorsed(ruleset: Ruleset, readings: list[Reading]) -> bool:
    return any(
        one.found(reading.row)
        for reading in readings
        if not reading.quoted
        for one in ruleset.endorsing
        if one.anchors & reading.words
    )


def _read_sentence(
    ruleset: Ruleset,
    text: str,
    plain_text: Plain,
    reading: Reading,
    seen: frozenset[str],
    wish: str | None,
    notes: _Notes,
    *,
    endorsed: bool,
) -> None:
    for name in FAMILIES:
        family = ruleset.families.get(name)
        if family is None:
            continue
        fired = family.firing(reading, seen)
        if not fired:
            continue
        if name == "medical":
            notes.beliefs.append(_together([rule.weight for rule in fired]))
        best: dict[Label, Rule] = {}
        for rule in fired:
            label = ruleset.kinds[rule.pattern].label
            if rule.weight >= STOPS and (label not in best or _rank(rule) > _rank(best[label])):
                best[label] = rule
        for rule in best.values():
            if rule.pattern == "tip_bij_luisteren" and wish != LISTEN:
                continue
            notes.findings.append(_finding(ruleset, text, plain_text, reading, rule))


def _rank(rule: Rule) -> tuple[int, float]:
    return _STRICTNESS[rule.outcome], rule.weight


_STRICTNESS: dict[str, int] = {Outcome.PUBLISH: 0, COACH: 1, Outcome.HOLD: 2, Outcome.BLOCK: 3}


def _finding(ruleset: Ruleset, text: str, plain_text: Plain, reading: Reading, rule: Rule) -> Finding:
    kind = ruleset.kinds[rule.pattern]
    start, end = plain_text.span(reading.start, reading.end)
    return Finding(rule.pattern, kind.label, kind.rule, start, end, rule.outcome, reading.medicine, text[start:end])


def _kept(findings: list[Finding]) -> tuple[Finding, ...]:
    """In the order of the text, each only once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda found: (found.start, found.end, found.pattern)))


def _outcome(findings: tuple[Finding, ...]) -> Outcome:
    if any(found.label is Label.CRISIS and found.outcome != Outcome.PUBLISH for found in findings):
        return Outcome.HOLD
    outcomes = {found.outcome for found in findings}
    for outcome in (Outcome.BLOCK, Outcome.HOLD):
        if outcome in outcomes:
            return outcome
    return Outcome.PUBLISH


def _together(weights: list[float]) -> float:
    """Belief from several signs in one sentence: the strongest, and a little of each other."""
    unsure = 1.0
    for number, weight in enumerate(sorted(weights, reverse=True)):
        unsure *= 1.0 - weight * (1.0 if number == 0 else 0.35)
    return 1.0 - unsure


def _score(beliefs: list[float]) -> float:
    unsure = 1.0
    for number, belief in enumerate(sorted(beliefs, reverse=True)):
        unsure *= 1.0 - belief * (1.0 if number == 0 else 0.25)
    return round(1.0 - unsure, 4)
