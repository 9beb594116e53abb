"""The door: who may come in with a password. Somebody unknown meets the same work and the same answer (promise P30).

In two steps, because looking at a password is slow on purpose: `check_password` does so while no transaction is open,
and `admit` lets in, in the transaction that opens the session, if the password is still the one that was looked at.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import Database
from app.members import passwords
from app.members.limits import is_right
from app.members.tables import Member


@dataclass(frozen=True)
class Fitting:
    """Somebody whose password is right: the hash it fits, and the one to keep from now on."""

    member_id: int
    kept: str
    renewed: str


def check_password(
    database: Database, secret: str, email: str, password: str, network: str, now: datetime
) -> Fitting | None:
    """Whose address and password these are, or None. Only a wrong password counts towards the limits.

    Raises `TooMany` before a password is looked at when there were too many wrong ones. The strict limit is for one
    account from one network, so that others cannot lock a member out of their own café.
    """
    with database.reading() as db:
        found = db.execute(
            select(Member.id, Member.password_hash).where(Member.email == email, Member.confirmed_at.is_not(None))
        ).first()
    kept = found.password_hash if found else None
    knocks = (
        ("sign_in_network", network),
        ("sign_in_here", f"{email} {network}"),
        ("sign_in_account", email),
    )
    if not is_right(database, knocks, lambda: passwords.fits(secret, kept, password), now):
        return None
    assert found is not None and kept is not None
    renewed = passwords.hash_password(secret, password) if passwords.is_dated(kept) else kept
    return Fitting(found.id, kept, renewed)


def admit(db: Session, fitting: Fitting) -> Member | None:
    """The member to let in; None when their password was changed this very moment."""
    member = member_with_hash(db, fitting.member_id, fitting.kept)
    if member is not None:
        member.password_hash = fitting.renewed
    return member


def member_with_hash(db: Session, member_id: int, kept: str | None) -> Member | None:
    """The member, locked, if this is still what is kept of their password (None: they have none)."""
    same = Member.password_hash == kept if kept is not None else Member.password_hash.is_(None)
    return db.scalar(select(Member).where(Member.id == member_id, same).with_for_update())
