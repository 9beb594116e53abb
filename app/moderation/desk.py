"""What the queue's page shows: one queue over the boards that this viewer moderates, in six queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, and_, case, exists, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.boards.tables import Board, Section
from app.kit.html import marked
from app.members.tables import Member
from app.members.viewer import Viewer
from app.moderation.access import Involvement, may_decide, reported_post, wrote_along
from app.moderation.claim import Holder, free_for, holder_of
from app.moderation.findings import excerpt, findings_of, spans_of
from app.moderation.queue import moderated_threads
from app.moderation.tables import Case, CaseLabel, CaseReason, CaseState, Report
from app.moderation.words import REASONS
from app.threads.tables import Kind, Post, PostState, Revision, Thread, Wish

DESK_SIZE = 20
UNLAWFUL_RULE = 14


class Show(StrEnum):
    """Which part of the queue."""

    ALL = "all"
    MINE = "mine"
    REPORTS = "reports"


@dataclass(frozen=True)
class Tag:
    """A reason why a case is here: `words` is a message id, `rule` the house rule or 0."""

    reason: CaseReason
    words: str
    rule: int


@dataclass(frozen=True)
class DeskCase:
    """A case in the list. `reason_not` is a message id: why this viewer may not decide on it."""

    public_id: str
    author_name: str | None
    is_opening: bool
    is_published: bool
    is_urgent: bool
    board_title: str
    section_title: str
    thread_title: str
    kind: Kind
    wish: Wish
    tags: tuple[Tag, ...]
    report_count: int
    waited_minutes: int
    holder: Holder | None
    reason_not: str
    title: Markup | None
    excerpt: Markup


@dataclass(frozen=True)
class DeskBoard:
    """A board with cases that wait."""

    slug: str
    title: str
    waiting_count: int


@dataclass(frozen=True)
class Desk:
    """A page of the queue. `waiting_count` and `mine_count` are of the whole queue, whatever is filtered."""

    cases: tuple[DeskCase, ...]
    boards: tuple[DeskBoard, ...]
    waiting_count: int
    mine_count: int
    found_count: int
    longest_minutes: int
    page: int
    pages: int


def read_queue(db: Session, viewer: Viewer, show: Show, board_slug: str | None, page: int, now: datetime) -> Desk:
    """A page of the queue. A page that does not exist becomes the nearest one; an unknown board shows all."""
    boards, waiting, mine, longest = _counts(db, viewer, now)
    known = board_slug if board_slug in {board.slug for board in boards} else None
    filters = _filters(viewer, show, known, now)
    found = db.scalar(_joined(select(func.count(Case.id))).where(*filters)) or 0
    pages = max(1, -(-found // DESK_SIZE))
    page = min(max(1, page), pages)
    rows = _rows(db, viewer, filters, (page - 1) * DESK_SIZE)
    return Desk(_cases(db, viewer, rows, now), boards, waiting, mine, found, _minutes(longest, now), page, pages)


def next_case(db: Session, viewer: Viewer, now: datetime) -> str | None:
    """The public id of the first case that this viewer may decide on and nobody else holds."""
    if viewer.member_id is None:
        return None
    has_part = or_(wrote_along(viewer, Thread.id), reported_post(viewer, Post.id))
    first: str | None = db.scalar(
        _joined(select(Case.public_id))
        .where(*_filters(viewer, Show.ALL, None, now), free_for(viewer.member_id, now), not_(has_part))
        .order_by(*_order())
        .limit(1)
    )
    return first


def tags_of(labels: list[tuple[CaseReason, int]], *, urgent: bool) -> tuple[Tag, ...]:
    """The reasons of a case in words, danger first, each once."""
    order = list(CaseReason)
    reasons = sorted(set(labels), key=lambda one: (order.index(one[0]), one[1]))
    tags = [Tag(reason, REASONS[reason], rule) for reason, rule in reasons if reason is not CaseReason.HELP]
    return (Tag(CaseReason.HELP, REASONS[CaseReason.HELP], 0), *tags) if urgent else tuple(tags)


def labels_of(db: Session, case_ids: list[int]) -> dict[int, list[tuple[CaseReason, int]]]:
    """Why these cases are in the queue; one query."""
    found: dict[int, list[tuple[CaseReason, int]]] = defaultdict(list)
    for label in db.scalars(select(CaseLabel).where(CaseLabel.case_id.in_(case_ids))):
        found[label.case_id].append((label.reason, label.rule))
    return found


def _counts(db: Session, viewer: Viewer, now: datetime) -> tuple[tuple[DeskBoard, ...], int, int, datetime | None]:
    is_mine = and_(Case.claimed_by_id == viewer.member_id, Case.claimed_until > now)
    rows = db.execute(
        _joined(
            select(
                Board.slug,
                Board.title,
                func.count(Case.id).label("waiting"),
                func.sum(case((is_mine, 1), else_=0)).label("mine"),
                func.min(Case.waiting_since).label("since"),
            )
        )
        .where(*_filters(viewer, Show.ALL, None, now))
        .group_by(Board.id, Board.slug, Board.title, Board.position)
        .order_by(Board.position, Board.id)
    ).all()
    boards = tuple(DeskBoard(row.slug, row.title, row.waiting) for row in rows)
    longest = min((row.since for row in rows), default=None)
    return boards, sum(row.waiting for row in rows), sum(int(row.mine) for row in rows), longest


def _filters(viewer: Viewer, show: Show, board_slug: str | None, now: datetime) -> list[ColumnElement[bool]]:
    reported = exists().where(CaseLabel.case_id == Case.id, CaseLabel.reason == CaseReason.REPORT)
    which = {
        Show.ALL: true(),
        Show.MINE: and_(Case.claimed_by_id == viewer.member_id, Case.claimed_until > now),
        Show.REPORTS: reported,
    }[show]
    in_board = Board.slug == board_slug if board_slug else true()
    return [Case.state == CaseState.WAITING, moderated_threads(viewer), which, in_board]


def _order() -> list[ColumnElement[Any]]:
    """Danger, then what is said to be unlawful, then what came back changed, then who waits longest, then reports."""
    label = aliased(CaseLabel)
    unlawful = exists().where(label.case_id == Case.id, label.reason == CaseReason.REPORT, label.rule == UNLAWFUL_RULE)
    changed = exists().where(label.case_id == Case.id, label.reason == CaseReason.RESUBMITTED)
    waits = exists().where(label.case_id == Case.id, label.reason != CaseReason.REPORT)
    turn = case((Case.urgent, 0), (unlawful, 1), (changed, 2), (waits, 3), else_=4)
    return [turn, Case.waiting_since.asc(), Case.id.asc()]


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(Case)
        .join(Post, Post.id == Case.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Thread.board_id)
    )


def _rows(db: Session, viewer: Viewer, filters: list[ColumnElement[bool]], offset: int) -> list[Row[Any]]:
    author, holder = aliased(Member), aliased(Member)
    statement = (
        _joined(
            select(
                Case,
                Post,
                Thread,
                Revision,
                Board.title.label("board_title"),
                Section.title.label("section_title"),
                author.pseudonym.label("author_name"),
                holder.pseudonym.label("holder_name"),
                wrote_along(viewer, Thread.id).label("wrote"),
                reported_post(viewer, Post.id).label("reported"),
            )
        )
        .join(Section, Section.id == Board.section_id)
        .join(Revision, and_(Revision.post_id == Post.id, Revision.number == Case.revision_number))
        .outerjoin(author, author.id == Post.author_id)
        .outerjoin(holder, holder.id == Case.claimed_by_id)
        .where(*filters)
        .order_by(*_order())
        .limit(DESK_SIZE)
        .offset(offset)
    )
    return list(db.execute(statement).all())


def _cases(db: Session, viewer: Viewer, rows: list[Row[Any]], now: datetime) -> tuple[DeskCase, ...]:
    case_ids = [row.Case.id for row in rows]
    labels = labels_of(db, case_ids)
    findings = findings_of(db, [row.Revision.id for row in rows])
    counted = select(Report.case_id, func.count(Report.id)).where(Report.case_id.in_(case_ids)).group_by(Report.case_id)
    report_counts = {case_id: count for case_id, count in db.execute(counted)}
    shown = []
    for row in rows:
        one, post, revision = row.Case, row.Post, row.Revision
        involved = Involvement(post.author_id == viewer.member_id, bool(row.wrote), bool(row.reported))
        seen = findings[revision.id]
        title = marked(revision.title, spans_of(seen, in_title=True)) if revision.title else None
        shown.append(
            DeskCase(
                public_id=one.public_id,
                author_name=row.author_name,
                is_opening=post.is_opening,
                is_published=post.state is PostState.PUBLISHED,
                is_urgent=one.urgent,
                board_title=row.board_title,
                section_title=row.section_title,
                thread_title=row.Thread.title,
                kind=row.Thread.kind,
                wish=row.Thread.wish,
                tags=tags_of(labels[one.id], urgent=one.urgent),
                report_count=report_counts.get(one.id, 0),
                waited_minutes=_minutes(one.waiting_since, now),
                holder=holder_of(one.claimed_by_id, one.claimed_until, row.holder_name, viewer.member_id, now),
                reason_not=may_decide(involved).reason,
                title=title,
                excerpt=excerpt(revision.text, spans_of(seen, in_title=False)),
            )
        )
    return tuple(shown)


def _minutes(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()) // 60) if since else 0
