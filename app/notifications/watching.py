"""Follow a thread, or no longer."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.members.viewer import Viewer
from app.notifications.tables import Watch


def watch(db: Session, member_id: int, thread_id: int, now: datetime) -> None:
    """Let a member follow a thread. Twice is once; the first moment counts."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = insert(Watch).values(member_id=member_id, thread_id=thread_id, since=now)
    db.execute(added.on_conflict_do_nothing(index_elements=[Watch.member_id, Watch.thread_id]))


def unwatch(db: Session, member_id: int, thread_id: int) -> None:
    """Let a member no longer follow a thread."""
    db.execute(
        delete(Watch).where(Watch.member_id == member_id, Watch.thread_id == thread_id),
        execution_options={"synchronize_session": False},
    )


def is_watching(db: Session, viewer: Viewer, thread_id: int) -> bool:
    """Whether this viewer follows a thread."""
    if viewer.member_id is None:
        return False
    following = select(Watch.member_id).where(Watch.member_id == viewer.member_id, Watch.thread_id == thread_id)
    return db.scalar(following) is not None
