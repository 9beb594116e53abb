"""The queue: cases come in, join, and go out; one case a post at a time."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.orm import Session

from app.members.viewer import Viewer
from app.moderation.journal import record
from app.moderation.tables import Case, CaseLabel, CaseReason, CaseState, Decision
from app.threads.lifecycle import end_waiting, let_wait
from app.threads.tables import Post, Thread


def open_case(
    db: Session,
    post: Post,
    revision_number: int,
    board_id: int,
    labels: Iterable[tuple[CaseReason, int]],
    urgent: bool,
    now: datetime,
) -> Case:
    """Put a post before the moderators. A second reason joins the case that is open, and moves it to the newest text.

    The version changes, so that a decision on the case as it was is refused; whoever holds it keeps it.
    """
    lock_post(db, post.id)
    let_wait(db, post, revision_number, now)
    found = _open_case_of(db, post.id)
    if found is None:
        case = Case(
            post_id=post.id,
            revision_number=revision_number,
            board_id=board_id,
            state=CaseState.WAITING,
            urgent=urgent,
            opened_at=now,
            waiting_since=now,
        )
        db.add(case)
        db.flush()
        _add_labels(db, case, labels)
        return case
    reasons = set(labels)
    if found.state is CaseState.WITH_AUTHOR:
        reasons.add((CaseReason.RESUBMITTED, 0))
        found.state, found.waiting_since = CaseState.WAITING, now
        found.claimed_by_id, found.claimed_until = None, None
    if revision_number > found.revision_number:
        _drop_what_old_text_broke(db, found)
        found.revision_number = revision_number
    found.urgent = found.urgent or urgent
    found.version += 1
    db.flush()
    _add_labels(db, found, reasons)
    return found


def close_case(db: Session, post: Post, now: datetime) -> None:
    """Take a post out of the queue without a decision: its author withdrew it, or the guard stopped its next text.

    Somebody who may be in danger does not leave the queue this way: a person looks first.
    """
    lock_post(db, post.id)
    end_waiting(db, post)
    found = _open_case_of(db, post.id)
    if found is None:
        return
    record(
        db, now, post.author_id, "case.closed_by_writer", case_id=found.id, post_id=post.id, thread_id=post.thread_id
    )
    if found.urgent:
        found.version += 1
        db.flush()
        return
    found.state, found.decided_at = CaseState.DECIDED, now
    found.claimed_by_id, found.claimed_until = None, None
    found.version += 1
    db.flush()


def follow_change(db: Session, post: Post, number: int) -> None:
    """A new text of a post is shown while a case about it is open: the case is about that text from now on."""
    found = _open_case_of(db, post.id)
    if found is not None:
        found.revision_number = number
        found.version += 1
        db.flush()


def is_urgent(db: Session, post: Post) -> bool:
    """Whether somebody may be in danger, and a person has not looked yet."""
    found = _open_case_of(db, post.id)
    return found is not None and found.urgent


def was_looked_at(db: Session, post: Post) -> bool:
    """Whether a moderator has decided about this post, or has it before them: then its next text goes there too."""
    decided = select(Decision.id).where(Decision.post_id == post.id, Decision.decided_by_id.is_not(None))
    return _open_case_of(db, post.id) is not None or db.scalar(decided.limit(1)) is not None


def waiting_count(db: Session, viewer: Viewer) -> int:
    """How many cases wait in the boards that this viewer moderates."""
    waiting = (
        select(func.count(Case.id))
        .join(Post, Post.id == Case.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Case.state == CaseState.WAITING, moderated_threads(viewer))
    )
    return db.scalar(waiting) or 0


def moderated_threads(viewer: Viewer) -> ColumnElement[bool]:
    """The threads whose cases this viewer may see, for a query over `Thread`: those in a board of their grant now."""
    return true() if viewer.moderates_all else Thread.board_id.in_(sorted(viewer.moderated_boards))


def lock_post(db: Session, post_id: int) -> None:
    """Have a post's case to ourselves until this transaction ends. Everywhere first the post, then the case."""
    db.execute(select(Post.id).where(Post.id == post_id).with_for_update(key_share=True))


def _open_case_of(db: Session, post_id: int) -> Case | None:
    is_open = (Case.post_id == post_id, Case.state != CaseState.DECIDED)
    return db.scalar(select(Case).where(*is_open).execution_options(populate_existing=True))


def _add_labels(db: Session, case: Case, labels: Iterable[tuple[CaseReason, int]]) -> None:
    known = db.execute(select(CaseLabel.reason, CaseLabel.rule).where(CaseLabel.case_id == case.id))
    there = {(reason, rule) for reason, rule in known}
    db.add_all(CaseLabel(case_id=case.id, reason=reason, rule=rule) for reason, rule in sorted(set(labels) - there))
    db.flush()


def _drop_what_old_text_broke(db: Session, case: Case) -> None:
    """What the guard saw in the old text says nothing of the new one. Danger and reports stay."""
    db.execute(delete(CaseLabel).where(CaseLabel.case_id == case.id, CaseLabel.reason == CaseReason.RULE))
