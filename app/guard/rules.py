"""The rules over sentences, read from knowledge/rules/*.toml and checked when the forum starts.

A rule fires in a sentence that matches a line of `match`, and of `also` and `also2` when it has them, and no line of
`unless`. `post` asks that the text so far speaks of a kind of thing. `knowledge/rules/medical.toml` explains the rest.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.guard.lexicon import FOLDER, KnowledgeError, Lexicon, load, load_groups
from app.guard.patterns import Sequence, compile_sequence
from app.guard.reading import NUMBER_WORDS, Reading
from app.guard.verdict import COACH, Label, Outcome

FindingOutcome = Outcome | Literal["coach"]
STOPS = 0.5
"""From this weight on a rule stops a text; below it, it only helps to rank."""

_FIELDS = {
    "name",
    "pattern",
    "weight",
    "outcome",
    "match",
    "also",
    "also2",
    "unless",
    "post",
    "question",
    "firm",
    "quoted",
    "by_clause",
}


@dataclass(frozen=True)
class Kind:
    """What a pattern is: its label, its house rule and its usual outcome."""

    label: Label
    rule: int
    outcome: FindingOutcome


@dataclass(frozen=True)
class Rule:
    """One rule, compiled."""

    name: str
    pattern: str
    weight: float
    outcome: FindingOutcome
    match: tuple[Sequence, ...]
    also: tuple[tuple[Sequence, ...], ...]
    unless: tuple[Sequence, ...]
    post: frozenset[str]
    question: str
    firm: bool
    quoted: bool
    by_clause: bool
    # Words of which a sentence must have one for `match` to be worth trying; none when a line can match without.
    needs: frozenset[str]

    def fires(self, reading: Reading, seen: frozenset[str], safe: bool) -> bool:
        """Whether this rule finds something in the sentence. `seen` are the kinds of things spoken of so far."""
        if (safe and not self.firm) or (reading.quoted and not self.quoted):
            return False
        if self.question != "any" and reading.question != (self.question == "yes"):
            return False
        if self.post and not self.post & seen:
            return False
        return self._in(reading.row, reading.words) or any(self._in(*clause) for clause in self._clauses(reading))

    def _clauses(self, reading: Reading) -> tuple[tuple[str, frozenset[str]], ...]:
        return reading.clauses if self.by_clause else ()

    def _in(self, row: str, words: frozenset[str]) -> bool:
        if self.needs and self.needs.isdisjoint(words):
            return False
        return (
            _any_found(self.match, row, words)
            and all(_any_found(group, row, words) for group in self.also)
            and not _any_found(self.unless, row, words)
        )


def _any_found(sequences: Iterable[Sequence], row: str, words: frozenset[str]) -> bool:
    return any((not one.anchors or not one.anchors.isdisjoint(words)) and one.found(row) for one in sequences)


@dataclass(frozen=True)
class Family:
    """The rules of one file, and the lines that keep its rules still in a sentence."""

    name: str
    rules: tuple[Rule, ...]
    safe: tuple[Sequence, ...]

    def firing(self, reading: Reading, seen: frozenset[str]) -> list[Rule]:
        """The rules that find something in the sentence."""
        safe: bool | None = None
        found: list[Rule] = []
        for rule in self.rules:
            if not rule.fires(reading, seen, False):
                continue
            if safe is None:
                safe = _any_found(self.safe, reading.row, reading.words)
            if not safe or rule.firm:
                found.append(rule)
        return found


@dataclass(frozen=True)
class Ruleset:
    """Everything the guard knows, compiled: the word lists, the rules and what each pattern is."""

    lexicon: Lexicon
    families: Mapping[str, Family]
    kinds: Mapping[str, Kind]
    endorsing: tuple[Sequence, ...]


def load_ruleset(folder: Path = FOLDER, *, without: frozenset[str] = frozenset()) -> Ruleset:
    """Reads and checks everything. Raises KnowledgeError and names the rule when a file is not as it should be."""
    lexicon = load(folder, without=without)
    groups = {name: _group_as_read(name, entries, lexicon) for name, entries in load_groups(folder).items()}
    kinds = load_kinds(folder)
    families = {path.stem: _family(path, groups, kinds, lexicon) for path in sorted((folder / "rules").glob("*.toml"))}
    endorsing = tuple(compile_sequence("{endorse}", {"endorse": (entry,)}) for entry in groups["endorse"])
    return Ruleset(lexicon, families, kinds, endorsing)


def load_kinds(folder: Path = FOLDER) -> Mapping[str, Kind]:
    """What each pattern is, from patterns.toml. Every pattern has one label, one outcome and one house rule."""
    table = tomllib.loads((folder / "patterns.toml").read_text("utf-8"))
    numbers = {pattern: int(number) for number, patterns in table.pop("house_rules").items() for pattern in patterns}
    kinds: dict[str, Kind] = {}
    for label, by_outcome in table.items():
        for outcome, patterns in by_outcome.items():
            for pattern in patterns:
                if pattern in kinds or pattern not in numbers:
                    raise KnowledgeError(f"patterns.toml: {pattern} stands twice or has no house rule")
                kinds[pattern] = Kind(Label(label), numbers[pattern], _outcome(outcome))
    return kinds


def _outcome(name: str) -> FindingOutcome:
    return COACH if name == COACH else Outcome(name)


def _family(path: Path, groups: Mapping[str, tuple[str, ...]], kinds: Mapping[str, Kind], lexicon: Lexicon) -> Family:
    table = tomllib.loads(path.read_text("utf-8"))
    try:
        safe = _sequences(table.get("safe", {}).get("match", ()), groups, lexicon)
        by_clause = bool(table.get("by_clause", False))
        rules = tuple(_rule(row, groups, kinds, lexicon, by_clause) for row in table["rule"])
    except KnowledgeError as error:
        raise KnowledgeError(f"{path.name}: {error}") from error
    return Family(path.stem, rules, safe)


def _rule(
    row: Mapping[str, Any],
    groups: Mapping[str, tuple[str, ...]],
    kinds: Mapping[str, Kind],
    lexicon: Lexicon,
    by_clause: bool,
) -> Rule:
    name, pattern = row.get("name", "?"), row.get("pattern", "")
    if pattern not in kinds or not row.get("match") or not set(row) <= _FIELDS:
        raise KnowledgeError(f"rule {name!r}: needs a known pattern, a match, and no unknown field")
    match = _sequences(row["match"], groups, lexicon)
    return Rule(
        name=name,
        pattern=pattern,
        weight=float(row["weight"]),
        outcome=_outcome(row["outcome"]) if "outcome" in row else kinds[pattern].outcome,
        match=match,
        also=tuple(_sequences(row[field], groups, lexicon) for field in ("also", "also2") if field in row),
        unless=_sequences(row.get("unless", ()), groups, lexicon),
        post=frozenset(row.get("post", "").split("|")) - {""},
        question=row.get("question", "no"),
        firm=bool(row.get("firm", False)),
        quoted=bool(row.get("quoted", False)),
        by_clause=bool(row.get("by_clause", by_clause)),
        needs=frozenset().union(*(one.anchors for one in match)) if all(one.anchors for one in match) else frozenset(),
    )


def _sequences(lines: Iterable[str], groups: Mapping[str, tuple[str, ...]], lexicon: Lexicon) -> tuple[Sequence, ...]:
    return tuple(compile_sequence(_line_as_read(line, lexicon), groups) for line in lines)


def _line_as_read(line: str, lexicon: Lexicon) -> str:
    """A line with its plain words written the way a sentence is read: a word of a list as its kind."""
    return " ".join("|".join(_choice_as_read(choice, lexicon) for choice in item.split("|")) for item in line.split())


def _choice_as_read(choice: str, lexicon: Lexicon) -> str:
    if not choice.replace("_", "").isalpha():
        return choice
    return _as_read(choice.replace("_", " "), lexicon).replace(" ", "_")


def _group_as_read(name: str, entries: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """A group in which a word would be read as a kind would match every word of that kind: that is a mistake."""
    read = tuple(_as_read(entry, lexicon) for entry in entries)
    for entry, kind in zip(entries, read, strict=True):
        if kind.isupper() and kind not in (entry, "NUM"):
            raise KnowledgeError(f"groups/{name}.txt: {entry} is read as {kind}; write the kind in the rule")
    return read


def _as_read(entry: str, lexicon: Lexicon) -> str:
    return " ".join(_word_as_read(word, lexicon) for word in entry.split())


def _word_as_read(word: str, lexicon: Lexicon) -> str:
    if word in NUMBER_WORDS:
        return "NUM"
    if not word.islower() or word in lexicon.words:
        return lexicon.words.get(word, word)
    if lexicon.kind(word, word) is not None and not lexicon.partial:
        raise KnowledgeError(f"{word} is guessed to be {lexicon.kind(word, word)}: write the kind, or add an exception")
    return word
