"""The door: who may come in with a password. Somebody unknown meets the same work and the same answer (promise P30)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.limits import hit
from app.members import passwords
from app.members.limits import LIMITS
from app.members.tables import Member


def admit_by_password(
    db: Session, secret: str, email: str, password: str, network: str, now: datetime
) -> Member | None:
    """The member with this address and password, or None. Only a wrong password counts towards the limits.

    Raises `TooMany` before a password is looked at when there were too many wrong ones. The strict limit is for one
    account from one network, so that others cannot lock a member out of their own café.
    """
    member = db.scalar(select(Member).where(Member.email == email, Member.confirmed_at.is_not(None)))
    tries = db.begin_nested()
    hit(db, LIMITS["sign_in_network"], network, now)
    hit(db, LIMITS["sign_in_here"], f"{email} {network}", now)
    hit(db, LIMITS["sign_in_account"], email, now)
    if not passwords.fits(secret, member.password_hash if member else None, password):
        tries.commit()
        return None
    tries.rollback()
    assert member is not None and member.password_hash is not None
    if passwords.is_dated(member.password_hash):
        member.password_hash = passwords.hash_password(secret, password)
    return member
