"""The door: who may come in with a password. Somebody unknown meets the same work and the same answer (promise P30)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.members import passwords
from app.members.limits import is_right
from app.members.tables import Member


def admit_by_password(
    db: Session, secret: str, email: str, password: str, network: str, now: datetime
) -> Member | None:
    """The member with this address and password, or None. Only a wrong password counts towards the limits.

    Raises `TooMany` before a password is looked at when there were too many wrong ones. The strict limit is for one
    account from one network, so that others cannot lock a member out of their own café.
    """
    member = db.scalar(select(Member).where(Member.email == email, Member.confirmed_at.is_not(None)))
    kept = member.password_hash if member else None
    knocks = (
        ("sign_in_network", network),
        ("sign_in_here", f"{email} {network}"),
        ("sign_in_account", email),
    )
    if not is_right(db, knocks, lambda: passwords.fits(secret, kept, password), now):
        return None
    assert member is not None and member.password_hash is not None
    if passwords.is_dated(member.password_hash):
        member.password_hash = passwords.hash_password(secret, password)
    return member
