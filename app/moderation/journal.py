"""The journal of the desk: only ever added to. It knows texts by their hash, so that it can prove and cannot tell."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from app.moderation.tables import JournalLine
from app.threads.tables import Post, Revision


def record(
    db: Session,
    now: datetime,
    actor_id: int | None,
    action: str,
    *,
    case_id: int | None = None,
    post_id: int | None = None,
    thread_id: int | None = None,
    rule: int = 0,
    before: str = "",
    after: str = "",
) -> None:
    """Write down what was done, and by whom; nobody (None) is the guard."""
    db.add(
        JournalLine(
            at=now,
            actor_id=actor_id,
            action=action,
            case_id=case_id,
            post_id=post_id,
            thread_id=thread_id,
            rule=rule,
            before=before,
            after=after,
        )
    )
    db.flush()


def trace(post: Post, revision: Revision | None) -> str:
    """How a post stands, without its words: its state, and the hash of its title and text."""
    if revision is None:
        return post.state.value
    digest = sha256(f"{revision.title or ''}\n{revision.text}".encode()).hexdigest()
    return f"{post.state.value}:{digest}"
