"""When a member read what they were told. The page, and how much is new, stand in `moderation/inbox.py`: only there can
all be seen through the clause of visibility."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.notifications.tables import Notification, NotificationKind


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
