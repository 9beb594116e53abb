"""Confirm an account with the link from the mail: from now on it is a member, and the pen name is theirs.

Whoever signs up fills in an address; only its owner can open its mail. So somebody else may have chosen the password of
this account: it counts only when it is typed once more here, else it is dropped.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit.db import Database
from app.kit.errors import Conflict, NotFound
from app.members import names, passwords
from app.members.limits import is_right
from app.members.links import drop_links_of, member_behind, use_link
from app.members.register import NAME_TAKEN
from app.members.tables import LinkPurpose, Member


def knows_password(database: Database, secret: str, member_id: int, kept: str, password: str, now: datetime) -> bool:
    """Whether this is the password that was chosen at sign-up, of which `kept` is kept. Wrong ones count."""
    return is_right(database, [("confirm_password", member_id)], lambda: passwords.fits(secret, kept, password), now)


def confirm_member(db: Session, secret: str, pseudonym: str, kept: str | None, now: datetime) -> Member:
    """Use the link and make its account a member under this name, with the password of which `kept` is kept (None: they
    sign in with links). Other attempts with the same address are over.

    Raises `NotFound` when the link was used, or the address confirmed, this very moment, and `Conflict` when the name
    was taken then.
    """
    _lock_attempts(db, member_behind(db, secret, LinkPurpose.CONFIRM, now))
    member = use_link(db, secret, LinkPurpose.CONFIRM, now)
    if member is None:
        raise NotFound
    member.pseudonym, member.skeleton, member.confirmed_at = pseudonym, names.skeleton(pseudonym), now
    member.password_hash = kept
    try:
        db.flush()
    except IntegrityError as taken:
        raise Conflict(NAME_TAKEN) from taken
    drop_links_of(db, member.id)
    db.execute(delete(Member).where(Member.email == member.email, Member.confirmed_at.is_(None)))
    return member


def _lock_attempts(db: Session, member: Member | None) -> None:
    """Of all who confirm the same address at this moment, one goes first."""
    if member is None:
        return
    same = select(Member.id, Member.confirmed_at).where(Member.email == member.email)
    rows = db.execute(same.order_by(Member.id).with_for_update()).all()
    if any(row.confirmed_at is not None for row in rows):
        raise NotFound
