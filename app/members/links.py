"""Links by mail: 256 random bits, one purpose, once, for a short time; only the hash is kept (promise P34)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.kit.ids import hash_of, new_secret
from app.members.tables import LinkPurpose, MailLink, Member

LASTS = {
    LinkPurpose.CONFIRM: timedelta(hours=24),
    LinkPurpose.SIGN_IN: timedelta(minutes=60),
    LinkPurpose.NEW_PASSWORD: timedelta(minutes=60),
}

# Gives the whole address of the page where a link of this purpose lands.
LinkTo = Callable[[LinkPurpose, str], str]


@dataclass(frozen=True)
class Asker:
    """Whoever asks for a mail: in which language, from which network, and which addresses stand in the mail."""

    language: str
    network: str
    link_to: LinkTo
    sign_in_page: str


def make_link(db: Session, member_id: int | None, purpose: LinkPurpose, now: datetime) -> str:
    """The secret of a new link. Nobody's link (None) opens nothing: it only makes both answers the same work."""
    secret = new_secret()
    db.add(MailLink(member_id=member_id, purpose=purpose, secret_hash=hash_of(secret), expires_at=now + LASTS[purpose]))
    db.flush()
    return secret


def member_behind(db: Session, secret: str, purpose: LinkPurpose, now: datetime) -> Member | None:
    """Whose link this is, if it still works for this purpose. Looking does not use it up: mail scanners look too."""
    confirmed = Member.confirmed_at.is_(None) if purpose is LinkPurpose.CONFIRM else Member.confirmed_at.is_not(None)
    return db.scalar(
        select(Member)
        .join(MailLink, MailLink.member_id == Member.id)
        .where(
            MailLink.secret_hash == hash_of(secret),
            MailLink.purpose == purpose,
            MailLink.used_at.is_(None),
            MailLink.expires_at > now,
            confirmed,
        )
    )


def use_link(db: Session, secret: str, purpose: LinkPurpose, now: datetime) -> Member | None:
    """The same, and use it up; of two who press at once, one is first."""
    member = member_behind(db, secret, purpose, now)
    if member is None:
        return None
    used = db.execute(
        update(MailLink)
        .where(MailLink.secret_hash == hash_of(secret), MailLink.used_at.is_(None))
        .values(used_at=now)
        .returning(MailLink.id)
    )
    return member if used.scalar_one_or_none() is not None else None


def drop_links_of(db: Session, member_id: int) -> None:
    """None of a member's links works any more."""
    db.execute(delete(MailLink).where(MailLink.member_id == member_id))
