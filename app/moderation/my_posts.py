"""A member's own posts that are being looked at, or came back: what each waits for, and what one can do."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from app.guard.verdict import Outcome
from app.kit.settings import Settings
from app.members.tables import Member
from app.members.viewer import Viewer
from app.moderation.findings import Mark, excerpt, findings_of, marks_of, spans_of
from app.moderation.tables import Case, CaseState, Decision, Letter
from app.moderation.waiting_time import median_wait, words_for
from app.threads.access import EDITABLE, WITHDRAWABLE
from app.threads.tables import Post, PostState, Revision, Thread
from app.threads.visibility import readable_threads

PAGE_SIZE = 20
NOT_OUT = (PostState.HELD, PostState.RETURNED, PostState.BLOCKED, PostState.REFUSED, PostState.HIDDEN)


@dataclass(frozen=True)
class Decided:
    """What a moderator said of it last."""

    rule: int
    sentences: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class MyPost:
    """A post of this viewer's own that others do not read as it is. `stage`: whose turn it is."""

    public_id: str
    stage: str  # "team", "you", "done"
    state: PostState
    is_change: bool
    is_stopped: bool  # the guard stopped this change, and nobody looks at it
    is_read_now: bool
    title: str
    answers_name: str | None
    is_opening: bool
    thread_title: str
    thread_id: str
    written_at: datetime
    excerpt: Markup
    marks: tuple[Mark, ...]
    waits: str
    letter_id: str | None
    decided: Decided | None
    may_edit: bool
    may_withdraw: bool
    may_ask: bool


@dataclass(frozen=True)
class MyPosts:
    """A page of them, newest first."""

    posts: tuple[MyPost, ...]
    page: int
    pages: int


def read_my_posts(db: Session, viewer: Viewer, page: int, language: str, settings: Settings, now: datetime) -> MyPosts:
    """The posts of this viewer in treatment. A page that does not exist becomes the nearest one."""
    change, newest, parent, answered = aliased(Case), aliased(Revision), aliased(Post), aliased(Member)
    newest_number = select(func.max(newest.number)).where(newest.post_id == Post.id).scalar_subquery()
    is_newest = and_(Revision.post_id == Post.id, Revision.number == newest_number)
    waiting_change = exists().where(
        change.post_id == Post.id, change.state == CaseState.WAITING, change.revision_number > Post.revision_number
    )
    stopped_change = _stopped_change()
    mine = and_(
        Post.author_id == viewer.member_id,
        or_(Post.state.in_(NOT_OUT), and_(Post.state == PostState.PUBLISHED, or_(waiting_change, stopped_change))),
    )
    count = db.scalar(select(func.count(Post.id)).join(Revision, is_newest).where(mine)) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(1, page), pages)
    rows = db.execute(
        select(
            Post,
            Thread,
            Revision,
            Case.state.label("case_state"),
            Case.claimed_until,
            answered.pseudonym.label("answers_name"),
            parent.state.label("parent_state"),
            # The conversation may have gone where this viewer reads no more; then it stays unnamed.
            readable_threads(viewer).label("thread_is_there"),
            stopped_change.label("is_stopped"),
        )
        .select_from(Post)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Revision, is_newest)
        .outerjoin(Case, and_(Case.post_id == Post.id, Case.state != CaseState.DECIDED))
        .outerjoin(parent, parent.id == Post.parent_id)
        .outerjoin(answered, answered.id == parent.author_id)
        .where(mine)
        .order_by(Revision.written_at.desc(), Post.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    findings = findings_of(db, [row.Revision.id for row in rows])
    letters = _letters(db, viewer, [row.Post.id for row in rows])
    decided = _decided(db, [row.Post.id for row in rows])
    usual = median_wait(db, now)
    shown = []
    for row in rows:
        post, revision, there = row.Post, row.Revision, bool(row.thread_is_there)
        is_change = post.state is PostState.PUBLISHED
        is_stopped = bool(row.is_stopped)
        waiting = row.case_state is CaseState.WAITING and not is_stopped
        # A post can be hidden for the text that others read, while a later one was on its way.
        hidden_number = post.revision_number if post.state is PostState.HIDDEN and not is_stopped else None
        seen = findings[revision.id]
        marks = marks_of(revision, seen, language, settings)
        shown.append(
            MyPost(
                public_id=post.public_id,
                stage=_stage(post.state, waiting),
                state=post.state,
                is_change=is_change,
                is_stopped=is_stopped,
                is_read_now=waiting and row.claimed_until is not None and row.claimed_until > now,
                title=revision.title or "",
                answers_name=row.answers_name if there and row.parent_state is PostState.PUBLISHED else None,
                is_opening=post.is_opening,
                thread_title=row.Thread.title if there else "",
                thread_id=row.Thread.public_id,
                written_at=revision.written_at,
                excerpt=excerpt(revision.text, spans_of(seen, in_title=False)),
                marks=tuple(mark for mark in marks if mark.stops),
                waits=words_for(usual, now - revision.written_at, language) if waiting else "",
                letter_id=letters.get(post.id),
                decided=decided.get((post.id, revision.number)) or decided.get((post.id, hidden_number)),
                may_edit=there and post.state in EDITABLE,
                may_withdraw=there and post.state in WITHDRAWABLE,
                may_ask=there and (is_stopped or post.state is PostState.BLOCKED),
            )
        )
    return MyPosts(tuple(shown), page, pages)


def _stopped_change() -> ColumnElement[bool]:
    """Whether the guard stopped the newest text of a post that has an earlier one, and no person looks or looked at it.

    For a query over `Post` joined to its newest `Revision`.
    """
    looked = exists().where(
        Decision.post_id == Post.id, Decision.revision_number == Revision.number, Decision.decided_by_id.is_not(None)
    )
    case = aliased(Case)
    looks = exists().where(
        case.post_id == Post.id, case.state != CaseState.DECIDED, case.revision_number == Revision.number
    )
    return and_(
        Post.state.in_((PostState.PUBLISHED, PostState.HIDDEN)),
        Revision.outcome == Outcome.BLOCK,
        Revision.number > Post.revision_number,
        not_(looked),
        not_(looks),
    )


def _stage(state: PostState, waiting: bool) -> str:
    if waiting:
        return "team"
    return "done" if state is PostState.REFUSED else "you"


def _letters(db: Session, viewer: Viewer, post_ids: list[int]) -> dict[int, str]:
    """The newest letter about each of these posts to this viewer."""
    rows = db.execute(
        select(Letter.post_id, Letter.public_id)
        .where(Letter.recipient_id == viewer.member_id, Letter.post_id.in_(post_ids))
        .order_by(Letter.sent_at, Letter.id)
    ).all()
    return {row.post_id: row.public_id for row in rows}


def _decided(db: Session, post_ids: list[int]) -> dict[tuple[int, int | None], Decided]:
    """The last restriction by a moderator, by post and revision."""
    rows = db.scalars(
        select(Decision)
        .where(Decision.post_id.in_(post_ids), Decision.decided_by_id.is_not(None), Decision.rule > 0)
        .order_by(Decision.decided_at, Decision.id)
    )
    return {
        (one.post_id, one.revision_number): Decided(one.rule, tuple(one.sentence.split("\n")), one.explanation)
        for one in rows
    }
