"""Tell members something, once: a constraint keeps one notification of a kind about one thing for each member."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.kit.ids import new_id
from app.notifications.tables import Notification, NotificationKind, Watch


def notify(db: Session, member_id: int, kind: NotificationKind, about: str, now: datetime) -> None:
    """Tell a member about a post or a letter, by its public id. Twice is once."""
    _tell(db, [member_id], kind, about, now)


def announce_post(db: Session, thread_id: int, post_public_id: str, author_id: int | None, now: datetime) -> None:
    """Tell everyone who follows a thread, but not its author, that a post was published in it. Twice is once."""
    followers = select(Watch.member_id).where(Watch.thread_id == thread_id).order_by(Watch.member_id)
    if author_id is not None:
        followers = followers.where(Watch.member_id != author_id)
    _tell(db, db.scalars(followers), NotificationKind.REPLY, post_public_id, now)


def forget_post(db: Session, post_public_id: str) -> None:
    """Take back what was told about a post that others can no longer read, read or not."""
    db.execute(
        delete(Notification).where(Notification.kind == NotificationKind.REPLY, Notification.about == post_public_id),
        execution_options={"synchronize_session": False},
    )


def _tell(db: Session, members: Iterable[int], kind: NotificationKind, about: str, now: datetime) -> None:
    rows = [
        {"public_id": new_id(), "member_id": member, "kind": kind, "about": about, "created_at": now}
        for member in members
    ]
    if not rows:
        return
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    keys = [Notification.member_id, Notification.kind, Notification.about]
    db.execute(insert(Notification).on_conflict_do_nothing(index_elements=keys), rows)
