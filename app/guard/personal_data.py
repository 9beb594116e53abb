"""Finds what identifies or reaches a person."""

from app.guard.normalise import Plain
from app.guard.reading import Reading
from app.guard.rules import Ruleset
from app.guard.verdict import Finding


def findings(ruleset: Ruleset, text: str, plain: Plain, readings: list[Reading]) -> list[Finding]:
    return []
