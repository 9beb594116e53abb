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
FAMILIES = ("medical", "cure", "trade", "commerce", "abuse", "house")
_CONTEXT = frozenset(("MED", "SUP", "DOSE", "TEST", "CARE", "TREAT", "AID", "DIAG", "VAC", "EXER", "spul"))
LISTEN = "listen"


# From so many findings on, one more tells a moderator nothing; only danger is still looked for.
_ENOUGH = 60
# From these sums on, small signs of one sort are a finding: the first pattern that is reached.
_SIGNS: dict[str, tuple[tuple[str, float], ...]] = {
    "crisis": (("crisis_gedachten", 0.6),),
    "commerce": (("handel_spam", 0.7), ("handel_eigen_praktijk", 0.57)),
}


def names_medicine(text: str) -> bool:
    """Whether a medicine is named anywhere in a text, by whoever and in whatever way."""
    return any("MED" in reading.words for reading in read(plain(text), RULESET.lexicon))


@dataclass
class _Notes:
    """What was found while reading on: findings, and the beliefs that make the score."""

    findings: list[Finding] = field(default_factory=list)
    beliefs: list[float] = field(default_factory=list)
    signs: dict[str, dict[str, tuple[float, Reading]]] = field(default_factory=dict)


def assess(text: str, *, wish: str | None = None) -> Verdict:
    """The verdict about a text. With the wish to be listened to, a tip gets a finding to coach."""
    return assess_with(RULESET, text, wish=wish)


def assess_with(ruleset: Ruleset, text: str, *, wish: str | None = None) -> Verdict:
    """`assess` with another ruleset: how a test shows that the lists do the work."""
    plain_text = plain(text)
    notes = _Notes()
    _read_sentences(ruleset, text, plain_text, notes)
    notes.findings.extend(personal_data.findings(ruleset, text, plain_text))
    notes.findings.extend(house_rules.findings(ruleset, text, plain_text))
    findings = _kept(notes.findings, wish)
    return Verdict(_outcome(findings), findings, _score(notes.beliefs), banners.for_findings(findings))


def _read_sentences(ruleset: Ruleset, text: str, plain_text: Plain, notes: _Notes) -> None:
    seen: frozenset[str] = frozenset()
    # The same sentence again, in a text that says it a thousand times, is not judged again.
    known: dict[tuple[object, ...], list[Rule]] = {}
    readings = _readings(ruleset, plain_text)
    aloud = _aloud(ruleset, plain_text, readings)
    for reading, spoken in zip(readings, aloud, strict=True):
        seen |= reading.words & _CONTEXT
        families = FAMILIES if len(notes.findings) < _ENOUGH else ()
        for name, heard in [*((name, reading) for name in families), ("crisis", spoken)]:
            key = (name, heard.row, heard.question, heard.quoted, seen)
            if key not in known:
                known[key] = ruleset.families[name].firing(heard, seen)
            if known[key]:
                _note(ruleset, text, plain_text, heard, known[key], notes)
                _note_signs(name, heard, known[key], notes)
    _add_up_signs(ruleset, text, plain_text, notes)


def _note_signs(family: str, reading: Reading, fired: list[Rule], notes: _Notes) -> None:
    for rule in fired:
        if family in _SIGNS and rule.weight < STOPS:
            notes.signs.setdefault(family, {}).setdefault(rule.name, (rule.weight, reading))


def _add_up_signs(ruleset: Ruleset, text: str, plain_text: Plain, notes: _Notes) -> None:
    """Small signs, each no reason by itself: enough different ones together are. The strongest is marked."""
    for family, signs in notes.signs.items():
        sum_of_it = _score([weight for weight, _ in signs.values()], share=0.75)
        for pattern, enough in _SIGNS[family]:
            if sum_of_it >= enough:
                reading = max(signs.values(), key=lambda sign: sign[0])[1]
                kind = ruleset.kinds[pattern]
                start, end = plain_text.span(reading.start, reading.end)
                words = text[start:end]
                notes.findings.append(Finding(pattern, kind.label, kind.rule, start, end, kind.outcome, None, words))
                break


def _aloud(ruleset: Ruleset, plain_text: Plain, readings: list[Reading]) -> list[Reading]:
    """The sentences with what is quoted read along: a danger told in another's words is a danger too."""
    if "'" not in plain_text.text and '"' not in plain_text.text and ">" not in plain_text.text:
        return readings
    return read(plain_text, ruleset.lexicon, as_own=True)


def _readings(ruleset: Ruleset, plain_text: Plain) -> list[Reading]:
    """The sentences; what stands between quotation marks is the writer's own when the writer makes it their own."""
    readings = read(plain_text, ruleset.lexicon)
    if "'" in plain_text.text or '"' in plain_text.text:
        for reading in readings:
            if not reading.quoted and any(one.found(reading.row) for one in ruleset.endorsing):
                return read(plain_text, ruleset.lexicon, as_own=True)
    return readings


def _note(ruleset: Ruleset, text: str, plain_text: Plain, reading: Reading, fired: list[Rule], notes: _Notes) -> None:
    """Adds the strictest finding of each label; every finding without a label."""
    weights = [rule.weight for rule in fired if ruleset.kinds[rule.pattern].label is Label.MEDICAL_ADVICE]
    if weights:
        notes.beliefs.append(_together(weights))
    best: dict[str, Rule] = {}
    for rule in fired:
        label = ruleset.kinds[rule.pattern].label
        place = rule.pattern if label is Label.RULE else label
        if rule.weight >= STOPS and (place not in best or _rank(rule) > _rank(best[place])):
            best[place] = rule
    notes.findings.extend(_finding(ruleset, text, plain_text, reading, rule) for rule in best.values())


def _rank(rule: Rule) -> tuple[int, float]:
    return _STRICTNESS[rule.outcome], rule.weight


_STRICTNESS: dict[str, int] = {Outcome.PUBLISH: 0, COACH: 1, Outcome.HOLD: 2, Outcome.BLOCK: 3}


def _finding(ruleset: Ruleset, text: str, plain_text: Plain, reading: Reading, rule: Rule) -> Finding:
    kind = ruleset.kinds[rule.pattern]
    start, end = plain_text.span(reading.start, reading.end)
    return Finding(rule.pattern, kind.label, kind.rule, start, end, rule.outcome, reading.medicine, text[start:end])


def _kept(findings: list[Finding], wish: str | None) -> tuple[Finding, ...]:
    """In the order of the text, each only once; tips only where someone wants to be listened to."""
    wanted = [found for found in findings if found.pattern != "tip_bij_luisteren" or wish == LISTEN]
    return tuple(sorted(dict.fromkeys(wanted), key=lambda found: (found.start, found.end, found.pattern)))


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


def _score(beliefs: list[float], share: float = 0.25) -> float:
    unsure = 1.0
    for number, belief in enumerate(sorted(beliefs, reverse=True)):
        unsure *= 1.0 - belief * (1.0 if number == 0 else share)
    return round(1.0 - unsure, 4)
