"""Let a moderator look at a text that the guard stopped."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.guard.verdict import Outcome
from app.kit.messages import N_
from app.kit.permission import YES, Answer, no
from app.moderation.queue import open_case
from app.moderation.tables import CaseReason, Decision
from app.posting.edit import newest_revision
from app.threads.lifecycle import lock_post, move_post
from app.threads.tables import Post, PostState, Revision, RevisionFinding

STOPPING = (Outcome.HOLD.value, Outcome.BLOCK.value)


def may_ask(db: Session, post: Post, newest: Revision) -> Answer:
    """Whether the newest text of a post is one that the guard stopped and no person has decided on."""
    stopped = newest.outcome is Outcome.BLOCK and post.state in (
        PostState.BLOCKED,
        PostState.PUBLISHED,
        PostState.HIDDEN,
    )
    decided = select(Decision.id).where(
        Decision.post_id == post.id,
        Decision.revision_number == newest.number,
        Decision.decided_by_id.is_not(None),
    )
    if stopped and db.scalar(decided.limit(1)) is None:
        return YES
    return no(N_("There is nothing here that a moderator has to look at."))


def ask_moderator(db: Session, post: Post, now: datetime) -> Answer:
    """Put the newest text before a moderator. Asking twice is asking once. `post.thread` must be loaded."""
    lock_post(db, post)
    newest = newest_revision(db, post)
    if post.state is PostState.HELD or newest.waits_since is not None:
        return YES
    answer = may_ask(db, post, newest)
    if not answer:
        return answer
    if post.state is PostState.BLOCKED:
        post.revision_number = newest.number
        move_post(db, post, PostState.HELD, now)
    found = db.execute(
        select(RevisionFinding.rule).where(
            RevisionFinding.revision_id == newest.id, RevisionFinding.outcome.in_(STOPPING)
        )
    )
    labels = {(CaseReason.REQUEST, 0), *((CaseReason.RULE, rule) for (rule,) in found)}
    open_case(db, post, newest.number, post.thread.board_id, labels, False, now)
    return YES
