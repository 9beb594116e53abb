"""Confirm an account with the link from the mail: from now on it is a member, and the pen name is theirs."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit.errors import Conflict, NotFound
from app.members import names
from app.members.links import drop_links_of, use_link
from app.members.register import NAME_TAKEN
from app.members.tables import LinkPurpose, Member


def confirm_member(db: Session, secret: str, pseudonym: str, now: datetime) -> Member:
    """Use the link and make its account a member under this name.

    Raises `NotFound` when the link was used this very moment, and `Conflict` when the name was taken then.
    """
    member = use_link(db, secret, LinkPurpose.CONFIRM, now)
    if member is None:
        raise NotFound
    member.pseudonym, member.skeleton, member.confirmed_at = pseudonym, names.skeleton(pseudonym), now
    try:
        db.flush()
    except IntegrityError as taken:
        raise Conflict(NAME_TAKEN) from taken
    drop_links_of(db, member.id)
    return member
