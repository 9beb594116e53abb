"""What is new for a member, in words: answers through the clause of visibility, and letters of their own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from app.kit.ids import looks_like_id
from app.members.tables import Member
from app.members.viewer import Viewer
from app.moderation.tables import Letter
from app.notifications.inbox import mark_read
from app.notifications.tables import Notification, NotificationKind
from app.threads.tables import Post, Thread
from app.threads.visibility import readable_posts

PAGE_SIZE = 20


@dataclass(frozen=True)
class News:
    """One thing to tell: an answer (with `post_id`) or a letter (with `letter_id`)."""

    public_id: str
    is_new: bool
    at: datetime
    post_id: str | None
    thread_title: str
    author_name: str | None
    letter_id: str | None
    letter_title: str


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox, newest first. `until` names the newest, so that reading marks no more than was shown."""

    news: tuple[News, ...]
    until: str | None
    new_count: int
    page: int
    pages: int


def unread_count(db: Session, viewer: Viewer) -> int:
    """How much is new for this viewer, of what they may still read: the count says no more than the page shows."""
    if not viewer.is_member:
        return 0
    mine = (Notification.member_id == viewer.member_id, Notification.read_at.is_(None))
    letters = select(func.count()).select_from(Notification).where(*mine, Notification.kind == NotificationKind.LETTER)
    answers = (
        select(func.count())
        .select_from(Notification)
        .join(Post, and_(Post.public_id == Notification.about, Notification.kind == NotificationKind.REPLY))
        .join(Thread, Thread.id == Post.thread_id)
        .where(*mine, readable_posts(viewer))
    )
    return db.scalar(select(letters.scalar_subquery() + answers.scalar_subquery())) or 0


def read_inbox(db: Session, viewer: Viewer, page: int) -> Inbox:
    """What this viewer was told and may still read, in three queries."""
    of_reply = and_(Notification.kind == NotificationKind.REPLY, Post.public_id == Notification.about)
    of_letter = and_(
        Notification.kind == NotificationKind.LETTER,
        Letter.public_id == Notification.about,
        Letter.recipient_id == Notification.member_id,
    )
    there = or_(Letter.id.is_not(None), and_(Post.id.is_not(None), readable_posts(viewer)))
    told = (
        select(Notification, Post.public_id, Thread.title, Member.pseudonym, Letter.public_id, Letter.title)
        .outerjoin(Post, of_reply)
        .outerjoin(Thread, Thread.id == Post.thread_id)
        .outerjoin(Member, Member.id == Post.author_id)
        .outerjoin(Letter, of_letter)
        .where(Notification.member_id == viewer.member_id, there)
    )
    counted = told.with_only_columns(
        func.count(Notification.id), func.count(Notification.id).filter(Notification.read_at.is_(None))
    )
    count, new_count = db.execute(counted).one()
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(1, page), pages)
    newest_first = told.order_by(Notification.created_at.desc(), Notification.id.desc())
    rows = db.execute(newest_first.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    news = tuple(
        News(one.public_id, one.read_at is None, one.created_at, post_id, title or "", name, letter_id, letter or "")
        for one, post_id, title, name, letter_id, letter in rows
    )
    return Inbox(news, news[0].public_id if news and page == 1 else None, new_count, page, pages)


def mark_inbox_read(db: Session, member_id: int, until: str, now: datetime) -> None:
    """Mark what was on the page as read, and the letters among it; what came in meanwhile stays new."""
    if not looks_like_id(until):
        return
    moment = db.scalar(
        select(Notification.created_at).where(Notification.public_id == until, Notification.member_id == member_id)
    )
    if moment is None:
        return
    mark_read(db, member_id, moment, now)
    db.execute(
        update(Letter)
        .where(Letter.recipient_id == member_id, Letter.sent_at <= moment, Letter.read_at.is_(None))
        .values(read_at=now),
        execution_options={"synchronize_session": False},
    )
