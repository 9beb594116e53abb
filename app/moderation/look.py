"""A moderator comes across a post that nobody reported: hide it, or bring a hidden one back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.errors import Conflict
from app.kit.messages import N_
from app.moderation.journal import record
from app.moderation.queue import lock_post, open_case
from app.moderation.tables import Case, CaseReason, CaseState
from app.threads.tables import Post, PostState


def newest_case(db: Session, post: Post) -> Case | None:
    """The case about a post that is open, or else the last one."""
    cases = select(Case).where(Case.post_id == post.id)
    return db.scalar(cases.order_by(Case.decided_at.is_not(None), Case.id.desc()).limit(1))


def look_at_post(db: Session, post: Post, member_id: int, now: datetime) -> Case:
    """Open a case about a published or hidden post, unless one is open. `post.thread` must be loaded."""
    lock_post(db, post.id)
    found = newest_case(db, post)
    if found is not None and found.state is not CaseState.DECIDED:
        return found
    if post.state not in (PostState.PUBLISHED, PostState.HIDDEN):
        raise Conflict(N_("There is nothing to decide about this post now."))
    labels = [(CaseReason.MODERATOR, 0)]
    case = open_case(db, post, post.revision_number, post.thread.board_id, labels, False, now)
    record(db, now, member_id, "case.look", case_id=case.id, post_id=post.id, thread_id=post.thread_id)
    return case
