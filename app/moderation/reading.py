"""What the page of one case shows, in a fixed number of queries: the post, the conversation around it, its writer."""

from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.kit.cups import Cup, cup_for
from app.kit.html import marked, stored
from app.kit.settings import Settings
from app.members.tables import Member, Relation
from app.members.viewer import Viewer
from app.moderation.access import NOT_WAITING, involvement, may_decide
from app.moderation.claim import Holder, holder_of
from app.moderation.decide import RESTRICTING, Judged, possible_actions, read_judged
from app.moderation.desk import Tag, labels_of, tags_of
from app.moderation.findings import Mark, marks_of, spans_of
from app.moderation.letter import language_of
from app.moderation.tables import Action, Case, CaseState, Decision, Report, ReportReason
from app.moderation.words import ACTIONS, REPORT_REASONS
from app.threads.tables import Kind, Post, PostState, Revision, Thread, Wish
from app.threads.visibility import readable_posts

BEFORE = 2  # posts before this one, beside the opening post and the one it answers
EARLIER_DECISIONS = 5


@dataclass(frozen=True)
class AroundPost:
    """A post of the conversation around a case. `is_this` marks the one that the case is about."""

    public_id: str
    author_name: str | None
    relation: Relation | None
    cup: Cup | None
    written_at: datetime
    html: Markup
    is_opening: bool
    is_this: bool


@dataclass(frozen=True)
class ReportedWords:
    """What a reporter said; not who."""

    reason: str
    words: str
    reported_at: datetime


@dataclass(frozen=True)
class EarlierText:
    """Another revision of the post, as typed."""

    number: int
    written_at: datetime
    title: str
    text: Markup
    is_shown: bool


@dataclass(frozen=True)
class PastDecision:
    """A decision in a line: what, by which rule, when, and who (for moderators only)."""

    action: str
    rule: int
    decided_at: datetime
    by: str | None
    explanation: str


@dataclass(frozen=True)
class Author:
    """Who wrote the post. `post_number` only while a member is new."""

    name: str
    public_id: str
    relation: Relation
    cup: Cup
    joined_at: datetime
    post_number: int | None
    past: tuple[PastDecision, ...]


@dataclass(frozen=True)
class CasePage:
    """All that the page of a case shows."""

    public_id: str
    version: int
    state: CaseState
    is_urgent: bool
    tags: tuple[Tag, ...]
    waiting_since: datetime
    holder: Holder | None
    reason_not: str
    quick: Action | None
    choices: tuple[Action, ...]
    preset_rule: int
    preset_advice: str
    post_id: str
    post_state: PostState
    is_opening: bool
    is_change: bool
    title: Markup | None
    typed: Markup
    html: Markup
    written_at: datetime
    marks: tuple[Mark, ...]
    thread_id: str
    thread_title: str
    thread_is_public: bool
    kind: Kind
    wish: Wish
    board_title: str
    around: tuple[AroundPost, ...]
    author: Author | None
    reports: tuple[ReportedWords, ...]
    texts: tuple[EarlierText, ...]
    past: tuple[PastDecision, ...]

    @property
    def waits(self) -> bool:
        return self.state is CaseState.WAITING

    @property
    def held_by_other(self) -> bool:
        return self.holder is not None and not self.holder.is_viewer

    @property
    def is_withdrawn(self) -> bool:
        return self.post_state is PostState.WITHDRAWN

    @property
    def is_open(self) -> bool:
        """Whether this viewer can decide on it now."""
        return self.waits and not self.reason_not and not self.held_by_other


def read_case(db: Session, viewer: Viewer, case: Case, language: str, settings: Settings, now: datetime) -> CasePage:
    """The page of a case that came through `case_for_reading`."""
    post, thread = case.post, case.post.thread
    judged = read_judged(db, case, post)
    revision = judged.revision
    marks = marks_of(revision, judged.findings, language, settings)
    actions = possible_actions(post.state, post.revision_number, case.revision_number)
    answer = may_decide(involvement(db, viewer, case))
    reason_not = answer.reason or ("" if case.state is CaseState.WAITING and actions else NOT_WAITING)
    holder_name = case.claimed_by.pseudonym if case.claimed_by else None
    stopping = [mark for mark in marks if mark.stops] or list(marks)
    preset_rule = next((mark.rule for mark in stopping if mark.rule), 0)
    shown = CasePage(
        public_id=case.public_id,
        version=case.version,
        state=case.state,
        is_urgent=case.urgent,
        tags=tags_of(labels_of(db, [case.id])[case.id], urgent=case.urgent),
        waiting_since=case.waiting_since,
        holder=holder_of(case.claimed_by_id, case.claimed_until, holder_name, viewer.member_id, now),
        reason_not=reason_not,
        quick=next((action for action in actions if action not in RESTRICTING), None),
        choices=tuple(action for action in actions if action in RESTRICTING),
        preset_rule=preset_rule,
        preset_advice=_advice(judged, preset_rule, settings),
        post_id=post.public_id,
        post_state=post.state,
        is_opening=post.is_opening,
        is_change=judged.is_change,
        title=marked(revision.title, spans_of(judged.findings, in_title=True)) if revision.title else None,
        typed=marked(revision.text, spans_of(judged.findings, in_title=False)),
        html=stored(revision.html),
        written_at=revision.written_at,
        marks=marks,
        thread_id=thread.public_id,
        thread_title=thread.title,
        thread_is_public=thread.published_count > 0,
        kind=thread.kind,
        wish=thread.wish,
        board_title=thread.board.title,
        around=_around(db, viewer, post),
        author=_author(db, post, settings),
        reports=_reports(db, case),
        texts=_texts(db, post, revision.number),
        past=_decisions(db, Decision.post_id == post.id),
    )
    somebody_worries = case.urgent and shown.waits
    return shown if not shown.is_withdrawn or somebody_worries else _without_words(shown)


def _without_words(page: CasePage) -> CasePage:
    """A withdrawn post is its author's alone, here too, unless somebody may be in danger and nobody has looked yet."""
    nothing = Markup("")
    return replace(page, title=None, typed=nothing, html=nothing, marks=(), preset_advice="", texts=())


def _advice(judged: Judged, rule: int, settings: Settings) -> str:
    """The guard's advice for the rule that is chosen beforehand, in the language of whoever will read it."""
    language = language_of(judged.post.author) if judged.post.author else "nl"
    of_rule = [mark for mark in marks_of(judged.revision, judged.findings, language, settings) if mark.rule == rule]
    return of_rule[0].suggestion if rule and of_rule else ""


def _around(db: Session, viewer: Viewer, post: Post) -> tuple[AroundPost, ...]:
    before = (
        select(Post.id)
        .where(
            Post.thread_id == post.thread_id,
            Post.state == PostState.PUBLISHED,
            Post.written_at < post.written_at,
            Post.id != post.id,
        )
        .order_by(Post.written_at.desc(), Post.id.desc())
        .limit(BEFORE)
    )
    wanted = or_(Post.id.in_(before), Post.id == post.parent_id, Post.parent_id.is_(None), Post.id == post.id)
    rows = db.execute(
        select(Post, Revision.html, Member.pseudonym, Member.relation)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Revision, and_(Revision.post_id == Post.id, Revision.number == Post.revision_number))
        .outerjoin(Member, Member.id == Post.author_id)
        .where(Post.thread_id == post.thread_id, wanted, readable_posts(viewer))
        .order_by(Post.written_at, Post.id)
    ).all()
    return tuple(
        AroundPost(
            row.Post.public_id,
            row.pseudonym,
            row.relation,
            cup_for(row.pseudonym) if row.pseudonym else None,
            row.Post.written_at,
            stored(row.html),
            row.Post.is_opening,
            row.Post.id == post.id,
        )
        for row in rows
    )


def _author(db: Session, post: Post, settings: Settings) -> Author | None:
    author = post.author
    if author is None:
        return None
    until_now = (Post.author_id == author.id, Post.id <= post.id)
    number = db.scalar(select(func.count(Post.id)).where(*until_now)) or 0
    theirs = Decision.post_id.in_(select(Post.id).where(Post.author_id == author.id))
    return Author(
        name=author.pseudonym,
        public_id=author.public_id,
        relation=author.relation,
        cup=cup_for(author.pseudonym),
        joined_at=author.joined_at,
        post_number=number if number <= settings.first_posts_read else None,
        past=_decisions(db, and_(theirs, Decision.rule > 0, Decision.post_id != post.id), EARLIER_DECISIONS),
    )


def _decisions(db: Session, which: object, most: int = 20) -> tuple[PastDecision, ...]:
    by = aliased(Member)
    rows = db.execute(
        select(Decision, by.pseudonym)
        .outerjoin(by, by.id == Decision.decided_by_id)
        .where(which)  # type: ignore[arg-type]
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(most)
    ).all()
    return tuple(
        PastDecision(
            ACTIONS[row.Decision.action],
            row.Decision.rule,
            row.Decision.decided_at,
            row.pseudonym,
            row.Decision.explanation if row.Decision.decided_by_id else "",
        )
        for row in rows
    )


def _reports(db: Session, case: Case) -> tuple[ReportedWords, ...]:
    reports = db.scalars(select(Report).where(Report.case_id == case.id).order_by(Report.reported_at, Report.id))
    return tuple(
        ReportedWords(REPORT_REASONS[ReportReason(report.reason)], report.words, report.reported_at)
        for report in reports
    )


def _texts(db: Session, post: Post, number: int) -> tuple[EarlierText, ...]:
    others = db.scalars(
        select(Revision).where(Revision.post_id == post.id, Revision.number != number).order_by(Revision.number.desc())
    )
    return tuple(
        EarlierText(
            one.number, one.written_at, one.title or "", marked(one.text, []), one.number == post.revision_number
        )
        for one in others
    )
