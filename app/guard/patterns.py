"""The small language that rules are written in, made into regular expressions over a row of words (`reading.py`).

    je|u ~4 MED     an item is a word, a kind, or a choice of them; ~4 is at most four words of any sort
    {stop}          a group of words or phrases from knowledge/groups/stop.txt
    te_koop         a phrase inside a choice
    niet?           an item that may be missing
    !ik|wij         the next word is none of these
    ge*             words that begin so
    ^  $  %         the beginning and the end of the sentence; the beginning of a clause

Every gap has a limit and no item repeats, so a match takes time in proportion to the row.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.guard.lexicon import KnowledgeError

_CLAUSE = (
    r"(?:(?<=^ )|(?<= , )|(?<= en )|(?<= dus )|(?<= maar )|(?<= of )|(?<= dan )|(?<= gewoon )|(?<= and )|"
    r"(?<= so )|(?<= but )"
    r"|(?<= EX )|(?<= QM )|(?<= want )|(?<= QUOTE )|(?<= just )|(?<= then )|(?<= en vooral )|(?<= ja )|"
    r"(?<= nee )|(?<= nou ))"
)
_WORD = re.compile(r"[a-z0-9'@,/*-]+\Z|[A-Z]+\Z")


@dataclass(frozen=True)
class Sequence:
    """One compiled line. It can only match a row that has one of its `anchors`; none means it is always tried."""

    source: str
    expression: re.Pattern[str]
    anchors: frozenset[str]

    def found(self, row: str) -> bool:
        """Whether the line matches somewhere in the row."""
        return self.expression.search(row) is not None


def compile_sequence(source: str, groups: Mapping[str, tuple[str, ...]]) -> Sequence:
    """Compiles one line; raises KnowledgeError for what is not in the language."""
    parts: list[str] = ["(?<= )"]
    anchors: frozenset[str] | None = None
    for item in source.split():
        expression, firsts = _item(item, groups, source)
        parts.append(expression)
        if firsts is not None and (anchors is None or len(firsts) < len(anchors)):
            anchors = firsts
    return Sequence(source, re.compile("".join(parts)), anchors or frozenset())


def _item(item: str, groups: Mapping[str, tuple[str, ...]], source: str) -> tuple[str, frozenset[str] | None]:
    if item == "^":
        return r"(?<=^ )", None
    if item == "$":
        return r"(?:(?:EX|QM) )*$", None
    if item == "%":
        return _CLAUSE, None
    if item.startswith("~"):
        return rf"(?:[^ ]+ ){{0,{int(item[1:])}}}", None
    if item.startswith("-"):
        return rf"(?:[^ ,]+ ){{0,{int(item[1:])}}}", None
    negative, optional = item.startswith("!"), item.endswith("?")
    choices = _choices(item.strip("!?"), groups, source)
    expression = "(?:" + "|".join(_literal(choice, source) for choice in choices) + ")"
    if negative:
        return f"(?!{expression} )", None
    if optional:
        return f"(?:{expression} )?", None
    firsts = (
        None
        if any(choice.split()[0].endswith("*") for choice in choices)
        else frozenset(choice.split()[0] for choice in choices)
    )
    return f"{expression} ", firsts


def _choices(item: str, groups: Mapping[str, tuple[str, ...]], source: str) -> list[str]:
    found: list[str] = []
    for choice in item.split("|"):
        if choice.startswith("{"):
            name = choice.strip("{}")
            if name not in groups:
                raise KnowledgeError(f"no group {name} for the rule: {source}")
            found.extend(groups[name])
        else:
            found.append(choice.replace("_", " "))
    return sorted(found, key=len, reverse=True)


def _literal(choice: str, source: str) -> str:
    words = choice.split()
    for word in words:
        if _WORD.match(word) is None:
            raise KnowledgeError(f"not a word or a kind: {word!r} in the rule: {source}")
    return " ".join(re.escape(word[:-1]) + "[^ ]*" if word.endswith("*") else re.escape(word) for word in words)
