"""What the webmaster does from the command line: make a member, grant a role, take one back."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit.errors import Conflict, NotFound
from app.kit.messages import N_
from app.kit.settings import Settings
from app.members import consent, names, passwords
from app.members.roles import grant_role, member_named, revoke_role
from app.members.tables import Member, Purpose, Relation, Role


def make_member(
    db: Session, settings: Settings, pseudonym: str, email: str, relation: Relation, now: datetime, password: str = ""
) -> Member:
    """A confirmed member with all consents, for whoever is helped by hand and for the example café.

    A name of the house ("Ineke (beheer)") is fine here. Without a password they sign in with a link by mail. Raises
    `Conflict` when the name or the address is taken.
    """
    name = names.tidy(pseudonym)
    member = Member(
        pseudonym=name,
        skeleton=names.skeleton(name),
        email=email.lower(),
        password_hash=passwords.hash_password(settings.secret, password) if password else None,
        relation=relation,
        joined_at=now,
        confirmed_at=now,
    )
    try:
        with db.begin_nested():
            db.add(member)
    except IntegrityError as taken:
        raise Conflict(N_("There is a member with this name or address already.")) from taken
    db.execute(delete(Member).where(Member.email == member.email, Member.confirmed_at.is_(None)))
    for purpose in Purpose:
        consent.give(db, member.id, purpose, consent.fingerprint(purpose, "nl", settings), now)
    return member


def grant(db: Session, pseudonym: str, role: Role, board_slug: str, now: datetime) -> None:
    """Give a member a role, in one board or (with an empty slug) in all; raises `NotFound`."""
    grant_role(db, _named(db, pseudonym), role, board_slug, None, now)


def revoke(db: Session, pseudonym: str, role: Role, board_slug: str) -> None:
    """Take a role back; raises `NotFound` when there is none."""
    revoke_role(db, _named(db, pseudonym), role, board_slug)


def _named(db: Session, pseudonym: str) -> Member:
    member = member_named(db, pseudonym)
    if member is None:
        raise NotFound(N_("There is no member with this name."))
    return member
