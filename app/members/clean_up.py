"""What does not stay: accounts that nobody confirmed, links and sessions whose time is over."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.members.tables import MailLink, Member, MemberSession

UNCONFIRMED_DAYS = 7  # as the mail promises


def clean_up(db: Session, now: datetime) -> None:
    """Erase what is over; to be done once a day."""
    week_ago = now - timedelta(days=UNCONFIRMED_DAYS)
    db.execute(delete(Member).where(Member.confirmed_at.is_(None), Member.joined_at < week_ago))
    db.execute(delete(MailLink).where(MailLink.expires_at < now))
    db.execute(delete(MemberSession).where(MemberSession.expires_at < now))
