"""The one place that makes a post. The guard sits inside: nothing is written that it has not read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.boards.tables import Board, ModerationMode
from app.guard.assess import assess, names_medicine
from app.guard.verdict import RULESET_VERSION, Finding, Label, Outcome, Verdict
from app.kit.html import RENDER_VERSION, to_html
from app.moderation.letter import send_blocked_letter
from app.moderation.queue import close_case, follow_change, is_urgent, open_case, was_looked_at
from app.moderation.tables import CaseReason
from app.notifications.watching import watch
from app.threads.lifecycle import move_post, settle, show_revision
from app.threads.tables import Post, PostState, Revision, RevisionFinding, Thread, Wish

DOSE_BANNER = "banner_dosis"
CaseLabels = list[tuple[CaseReason, int]]


@dataclass(frozen=True)
class Judged:
    """What the guard says of a title and a text together."""

    outcome: Outcome
    title: Verdict | None
    text: Verdict
    explains_medicine: bool = False

    @property
    def banners(self) -> tuple[str, ...]:
        """Keys of the standing texts that stand under it, each once."""
        found = [*(self.title.banners if self.title else ()), *self.text.banners]
        return tuple(dict.fromkeys([*found, *([DOSE_BANNER] if self.explains_medicine else [])]))

    @property
    def findings(self) -> tuple[tuple[bool, Finding], ...]:
        """All findings; the flag says whether it is about the title."""
        in_title = tuple((True, finding) for finding in (self.title.findings if self.title else ()))
        return in_title + tuple((False, finding) for finding in self.text.findings)

    @property
    def is_urgent(self) -> bool:
        """Whether somebody may be in danger."""
        return any(finding.label is Label.CRISIS for _, finding in self.findings)

    @property
    def rules(self) -> tuple[int, ...]:
        """The house rules that stop this text, each once."""
        return tuple(sorted({one.rule for _, one in self.findings if one.outcome in (Outcome.HOLD, Outcome.BLOCK)}))


@dataclass(frozen=True)
class Posted:
    """What became of a text: the post in its state, the revision that was written, and what the guard said."""

    post: Post
    revision: Revision
    judged: Judged

    @property
    def is_blocked(self) -> bool:
        return self.revision.outcome is Outcome.BLOCK

    @property
    def is_shown(self) -> bool:
        """Whether others read this very text now."""
        return self.post.state is PostState.PUBLISHED and self.post.revision_number == self.revision.number


@dataclass(frozen=True)
class House:
    """How strict the house is for this author: settings that the verbs need, and nothing of the web."""

    first_posts_read: int
    author_moderates: bool = False


def judge(title: str | None, text: str, wish: Wish | None, board: Board) -> Judged:
    """Let the guard read a title and a text. Crisis is always held: a person in danger must meet a person."""
    of_title = assess(title) if title else None
    of_text = assess(text, wish=wish.value if wish is not None else None)
    verdicts = [verdict for verdict in (of_title, of_text) if verdict is not None]
    outcomes = {verdict.outcome for verdict in verdicts}
    if any(finding.label is Label.CRISIS for verdict in verdicts for finding in verdict.findings):
        outcomes.discard(Outcome.BLOCK)
        outcomes.add(Outcome.HOLD)
    worst = next(outcome for outcome in (Outcome.BLOCK, Outcome.HOLD, Outcome.PUBLISH) if outcome in outcomes)
    explains = board.explains_medicines and names_medicine(f"{title or ''}\n{text}")
    return Judged(worst, of_title, of_text, explains)


def write_post(
    db: Session,
    thread: Thread,
    author_id: int,
    *,
    parent: Post | None,
    title: str | None,
    text: str,
    house: House,
    now: datetime,
) -> Posted:
    """Write a new post in a thread: published, held for a moderator, or blocked; in each case it is kept.

    `thread.board` must be loaded. An opening post has a title and no parent, an answer the other way round.
    """
    board = thread.board
    judged = judge(title, text, thread.wish if parent is not None else None, board)
    labels = [] if judged.outcome is Outcome.BLOCK else _labels(db, judged, board, parent is None, author_id, house)
    state = PostState.BLOCKED if judged.outcome is Outcome.BLOCK else PostState.HELD if labels else PostState.PUBLISHED
    post = Post(
        thread_id=thread.id,
        parent_id=parent.id if parent else None,
        author_id=author_id,
        state=state,
        revision_number=1,
        written_at=now,
    )
    db.add(post)
    db.flush()
    revision = _add_revision(db, post, 1, title, text, judged, now)
    settle(db, post, now)
    watch(db, author_id, thread.id, now)
    if state is PostState.HELD:
        open_case(db, post, 1, board.id, labels, judged.is_urgent, now)
    elif state is PostState.BLOCKED:
        send_blocked_letter(db, post, revision, _findings(db, revision), now)
    return Posted(post, revision, judged)


def write_revision(db: Session, post: Post, *, title: str | None, text: str, house: House, now: datetime) -> Posted:
    """Write the next text of a post. `post.thread.board` must be loaded and the post locked by the caller.

    A published text stays as it was until a new one with something new in it was looked at.
    """
    thread, board = post.thread, post.thread.board
    judged = judge(title, text, thread.wish if not post.is_opening else None, board)
    number = (db.scalar(select(func.max(Revision.number)).where(Revision.post_id == post.id)) or 0) + 1
    known = _known_findings(db, post) if post.state is PostState.PUBLISHED else frozenset()
    if judged.outcome is Outcome.BLOCK and post.state is PostState.HELD and is_urgent(db, post):
        judged = replace(judged, outcome=Outcome.HOLD)  # whoever may be in danger stays before a person
    revision = _add_revision(db, post, number, title, text, judged, now)
    if judged.outcome is Outcome.BLOCK and not _nothing_new(judged, title, text, known):
        _stop(db, post, revision, now)
    elif post.state is PostState.PUBLISHED:
        _change_published(db, post, number, judged, _nothing_new(judged, title, text, known), board, now)
    elif post.state is PostState.HIDDEN:
        open_case(
            db, post, number, board.id, [(CaseReason.RESUBMITTED, 0), *_rule_labels(judged)], judged.is_urgent, now
        )
    else:
        _change_waiting(db, post, number, judged, board, house, now)
    db.flush()
    return Posted(post, revision, judged)


def _stop(db: Session, post: Post, revision: Revision, now: datetime) -> None:
    """The guard stops a new text. What was published stays; what waited waits no longer."""
    if post.state in (PostState.HELD, PostState.RETURNED, PostState.BLOCKED):
        post.revision_number = revision.number
        if post.state is PostState.HELD:
            close_case(db, post, now)
        if post.state is not PostState.BLOCKED:
            move_post(db, post, PostState.BLOCKED, now)
    send_blocked_letter(db, post, revision, _findings(db, revision), now)


def _change_published(
    db: Session, post: Post, number: int, judged: Judged, nothing_new: bool, board: Board, now: datetime
) -> None:
    labels = [] if nothing_new else _rule_labels(judged)
    if board.moderation_mode is ModerationMode.EVERYTHING_FIRST:
        labels.append((CaseReason.BOARD_FIRST, 0))
    if labels:
        open_case(db, post, number, board.id, [(CaseReason.EDIT, 0), *labels], judged.is_urgent, now)
    else:
        show_revision(db, post, number, now)
        follow_change(db, post, number)


def _change_waiting(
    db: Session, post: Post, number: int, judged: Judged, board: Board, house: House, now: datetime
) -> None:
    """A text that nobody else has seen yet: the new one takes its place, and waits again if there is a reason."""
    before = post.state
    post.revision_number = number
    db.flush()
    labels: CaseLabels = _rule_labels(judged)
    if before is PostState.RETURNED:
        labels.append((CaseReason.RESUBMITTED, 0))
    elif before is PostState.BLOCKED:
        labels = _labels(db, judged, board, post.is_opening, post.author_id, house)
        if was_looked_at(db, post):
            labels.append((CaseReason.RESUBMITTED, 0))
    if before is PostState.HELD:
        open_case(db, post, number, board.id, labels, judged.is_urgent, now)
    elif labels:
        move_post(db, post, PostState.HELD, now)
        open_case(db, post, number, board.id, labels, judged.is_urgent, now)
    else:
        move_post(db, post, PostState.PUBLISHED, now)


def _labels(
    db: Session, judged: Judged, board: Board, is_opening: bool, author_id: int | None, house: House
) -> CaseLabels:
    """Why a new text waits for a moderator; empty when it need not."""
    labels = _rule_labels(judged)
    mode = board.moderation_mode
    if mode is ModerationMode.EVERYTHING_FIRST or (mode is ModerationMode.NEW_THREADS_FIRST and is_opening):
        labels.append((CaseReason.BOARD_FIRST, 0))
    if mode is not ModerationMode.GUARD_ONLY and not house.author_moderates and _is_new(db, author_id, house):
        labels.append((CaseReason.NEW_MEMBER, 0))
    return labels


def _rule_labels(judged: Judged) -> CaseLabels:
    if judged.outcome is Outcome.PUBLISH:
        return []
    labels: CaseLabels = [(CaseReason.RULE, rule) for rule in judged.rules]
    return [(CaseReason.HELP, 10), *labels] if judged.is_urgent else labels


def _is_new(db: Session, author_id: int | None, house: House) -> bool:
    """Whether fewer of this author's posts were ever placed than a moderator reads first."""
    placed = select(func.count()).select_from(Post).where(Post.author_id == author_id, Post.position.is_not(None))
    return (db.scalar(placed) or 0) < house.first_posts_read


def _add_revision(
    db: Session, post: Post, number: int, title: str | None, text: str, judged: Judged, now: datetime
) -> Revision:
    revision = Revision(
        post_id=post.id,
        number=number,
        title=title,
        text=text,
        html=to_html(text),
        render_version=RENDER_VERSION,
        written_at=now,
        outcome=judged.outcome,
        ruleset=RULESET_VERSION,
        banners=" ".join(judged.banners),
    )
    db.add(revision)
    db.flush()
    db.add_all(
        RevisionFinding(
            revision_id=revision.id,
            in_title=in_title,
            pattern=finding.pattern,
            label=finding.label,
            rule=finding.rule,
            start=finding.start,
            end=finding.end,
            outcome=str(finding.outcome),
            medicine=finding.medicine,
        )
        for in_title, finding in judged.findings
    )
    db.flush()
    return revision


def _findings(db: Session, revision: Revision) -> list[RevisionFinding]:
    return list(
        db.scalars(
            select(RevisionFinding).where(RevisionFinding.revision_id == revision.id).order_by(RevisionFinding.id)
        )
    )


Known = frozenset[tuple[str, str]]


def _known_findings(db: Session, post: Post) -> Known:
    """What the guard found in the text that is shown now: a moderator let it pass, or it stopped nothing."""
    shown = db.scalars(
        select(Revision).where(Revision.post_id == post.id, Revision.number == post.revision_number)
    ).one()
    return frozenset(
        (finding.pattern, _words(shown.title if finding.in_title else shown.text, finding.start, finding.end))
        for finding in _findings(db, shown)
    )


def _nothing_new(judged: Judged, title: str | None, text: str, known: Known) -> bool:
    """Whether everything that would stop this text was there already."""
    stopping: Iterable[tuple[bool, Finding]] = (
        (in_title, one) for in_title, one in judged.findings if one.outcome in (Outcome.HOLD, Outcome.BLOCK)
    )
    return all(
        (one.pattern, _words(title if in_title else text, one.start, one.end)) in known for in_title, one in stopping
    )


def _words(text: str | None, start: int, end: int) -> str:
    return " ".join((text or "")[start:end].casefold().split())
