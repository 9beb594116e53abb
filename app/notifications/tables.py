"""What members follow, and what we have to tell them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, UtcDateTime, choice
from app.kit.ids import new_id


class NotificationKind(StrEnum):
    """What a notification is about."""

    REPLY = "reply"  # somebody answered in a thread that you follow
    LETTER = "letter"  # a letter about a decision


class Watch(Base):
    """A member follows a thread."""

    __tablename__ = "watches"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Notification(Base):
    """Something to tell a member. It holds no words of a post: those are read through `threads/visibility.py`.

    `about` is the public id of the post or letter; one of a kind for a member, so nothing is announced twice.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("member_id", "kind", "about"),
        Index("ix_notifications_unread", "member_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    kind: Mapped[NotificationKind] = mapped_column(choice(NotificationKind, "notification_kind"))
    about: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
