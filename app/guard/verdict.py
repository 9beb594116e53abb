"""What the guard answers: a verdict, which is a list of findings. Values only; nothing here decides."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from app.kit.texts import standing

RULESET_VERSION = "2026.1"


class Outcome(StrEnum):
    """What happens to the text."""

    PUBLISH = "publish"
    HOLD = "hold"
    BLOCK = "block"


COACH: Final = "coach"
"""The outcome of a finding that is shown to the author and stops nothing by itself."""


class Label(StrEnum):
    """The labels of the guard's corpus, and two for what the corpus has no label for."""

    MEDICAL_ADVICE = "medical_advice"
    CRISIS = "crisis"
    PERSONAL_DATA = "personal_data"
    COMMERCIAL = "commercial"
    MEDICATION_TRADE = "medication_trade"
    ABUSE = "abuse"
    MISINFORMATION_CURE = "misinformation_cure"
    RULE = "rule"
    FORM = "form"


CORPUS_LABELS = tuple(label for label in Label if label not in (Label.RULE, Label.FORM))

NO_MEDICINE = {"nl": "dit middel", "en": "this medicine"}


@dataclass(frozen=True)
class Finding:
    """One place in a text that a rule is about: `text[start:end]` in the author's own characters.

    `pattern` is a key of the standing texts `patroon.<pattern>.*`, in which the words for people are found.
    """

    pattern: str
    label: Label
    rule: int
    start: int
    end: int
    outcome: Outcome | Literal["coach"]
    medicine: str | None = None
    words: str = ""

    def reason(self, language: str = "nl") -> str:
        """Why, in a sentence or two, for the author."""
        return self._said("reden", language)

    def suggestion(self, language: str = "nl") -> str:
        """How to tell it from one's own experience, or what to do, for the author."""
        return self._said("suggestie", language)

    def moderator_label(self, language: str = "nl") -> str:
        """One line for moderators."""
        return self._said("label", language)

    def _said(self, part: str, language: str) -> str:
        medicine = self.medicine or NO_MEDICINE.get(language, NO_MEDICINE["nl"])
        return standing(f"patroon.{self.pattern}.{part}", language, zin=self.words, middel=medicine)


@dataclass(frozen=True)
class Verdict:
    """The guard's answer about one text.

    `outcome` is publish, hold or block. `score` is the belief that the text advises another reader (0..1), and only
    ranks. `banners` are keys of the standing texts `scherm.<banner>.tekst`, shown with the text when it is placed.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    score: float = 0.0
    banners: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[Label, ...]:
        """The corpus labels of the findings that stop the text, each once, in the order of `Label`."""
        stopping = {found.label for found in self.findings if found.outcome in (Outcome.HOLD, Outcome.BLOCK)}
        return tuple(label for label in CORPUS_LABELS if label in stopping)
