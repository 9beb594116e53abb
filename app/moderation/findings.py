"""What the guard found in a revision, in words and as marked sentences: for the desk, for letters, for the author."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.guard.verdict import NO_MEDICINE, Outcome
from app.kit.html import marked
from app.kit.pages import house_fill
from app.kit.settings import Settings
from app.kit.texts import standing
from app.threads.tables import Revision, RevisionFinding

EXCERPT = 280


@dataclass(frozen=True)
class Mark:
    """One sentence that the guard pointed at. Its number is the same wherever this revision is shown."""

    number: int
    in_title: bool
    start: int
    end: int
    words: str
    rule: int
    label: str
    reason: str
    suggestion: str
    stops: bool


def findings_of(db: Session, revision_ids: Iterable[int]) -> dict[int, list[RevisionFinding]]:
    """The findings of these revisions, in the order of the text; one query."""
    found: dict[int, list[RevisionFinding]] = defaultdict(list)
    in_order = (RevisionFinding.in_title.desc(), RevisionFinding.start, RevisionFinding.end, RevisionFinding.id)
    for finding in db.scalars(
        select(RevisionFinding).where(RevisionFinding.revision_id.in_(list(revision_ids))).order_by(*in_order)
    ):
        found[finding.revision_id].append(finding)
    return found


def marks_of(
    revision: Revision, findings: Iterable[RevisionFinding], language: str, settings: Settings
) -> tuple[Mark, ...]:
    """The findings as marks, in a language. What only adds a banner is no mark."""
    marks: list[Mark] = []
    for finding in findings:
        if finding.outcome == Outcome.PUBLISH:
            continue
        source = (revision.title or "") if finding.in_title else revision.text
        words = source[finding.start : finding.end].strip()
        fill = {
            **house_fill(settings),
            "zin": words,
            "middel": finding.medicine or NO_MEDICINE.get(language, NO_MEDICINE["nl"]),
            "wachttijd": "",
            "link_eerste": "",
        }
        label, reason, suggestion = (
            standing(f"patroon.{finding.pattern}.{part}", language, **fill) for part in ("label", "reden", "suggestie")
        )
        stops = finding.outcome in (Outcome.HOLD, Outcome.BLOCK)
        marks.append(
            Mark(
                len(marks) + 1,
                finding.in_title,
                finding.start,
                finding.end,
                words,
                finding.rule,
                label,
                reason,
                suggestion,
                stops,
            )
        )
    return tuple(marks)


def spans_of(findings: Iterable[RevisionFinding], in_title: bool) -> list[tuple[int, int]]:
    """The characters to mark in the text, or in the title."""
    return [
        (finding.start, finding.end)
        for finding in findings
        if finding.in_title is in_title and finding.outcome != Outcome.PUBLISH
    ]


def excerpt(text: str, spans: list[tuple[int, int]]) -> Markup:
    """A short stretch of a text with its marks: around the first mark, else the beginning."""
    start = 0
    if spans:
        first, end = min(spans)
        start = max(0, min(first - 60, len(text) - EXCERPT, end - 60))
        start = text.rfind(" ", 0, start) + 1 if start else 0
        start = min(start, first)
    stop = min(len(text), max([start + EXCERPT, *(end for first, end in spans[:1])]))
    shown = marked(text[start:stop], [(max(a - start, 0), b - start) for a, b in spans if b > start])
    return Markup("{}{}{}").format("… " if start else "", shown, " …" if stop < len(text) else "")
