"""What is new for a member: how much, and when it was read. The page itself is `moderation/inbox.py`, two floors up."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.members.viewer import Viewer
from app.notifications.tables import Notification, NotificationKind


def unread_count(db: Session, viewer: Viewer) -> int:
    """How many notifications this viewer has not read. What is hidden again is forgotten, so it does not count."""
    if viewer.member_id is None:
        return 0
    unread = (Notification.member_id == viewer.member_id, Notification.read_at.is_(None))
    return db.scalar(select(func.count()).select_from(Notification).where(*unread)) or 0


def mark_read(db: Session, member_id: int, until: datetime, now: datetime) -> None:
    """Mark all that a member was told up to a moment as read; what came later stays new."""
    _mark(db, now, Notification.member_id == member_id, Notification.created_at <= until)


def mark_letter_read(db: Session, member_id: int, letter_id: str, now: datetime) -> None:
    """Mark the notification of one letter as read."""
    of_letter = (Notification.kind == NotificationKind.LETTER, Notification.about == letter_id)
    _mark(db, now, Notification.member_id == member_id, *of_letter)


def _mark(db: Session, now: datetime, *which: object) -> None:
    unread = update(Notification).where(*which, Notification.read_at.is_(None))  # type: ignore[arg-type]
    db.execute(unread.values(read_at=now), execution_options={"synchronize_session": False})
