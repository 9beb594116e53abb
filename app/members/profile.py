"""What the pages about a member show, and the one thing a member changes about themselves: their relation."""

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.cups import Cup, cup_for
from app.kit.errors import NotFound
from app.kit.ids import looks_like_id
from app.kit.pages import HERE
from app.members.tables import Member, Relation, RoleGrant
from app.members.words import RELATION_WORDS, ROLE_WORDS


@dataclass(frozen=True)
class Profile:
    """What other members see of a member: nothing but this. The words are message ids."""

    public_id: str
    pseudonym: str
    cup: Cup
    relation: Relation
    relation_words: str
    role_words: tuple[str, ...]
    joined_at: datetime


def read_profile(db: Session, public_id: str) -> Profile:
    """A member as others see them; raises `NotFound` for nobody and for who did not confirm."""
    member = None
    if looks_like_id(public_id):
        member = db.scalar(select(Member).where(Member.public_id == public_id, Member.confirmed_at.is_not(None)))
    if member is None:
        raise NotFound
    return profile_of(db, member)


def profile_of(db: Session, member: Member) -> Profile:
    held = set(db.scalars(select(RoleGrant.role).where(RoleGrant.member_id == member.id)))
    roles = tuple(words for role, words in ROLE_WORDS.items() if role in held)
    return Profile(
        member.public_id,
        member.pseudonym,
        cup_for(member.pseudonym),
        member.relation,
        RELATION_WORDS[member.relation],
        roles,
        member.joined_at,
    )


def own_account(db: Session, member_id: int) -> Member:
    """The viewer's own row."""
    return db.get_one(Member, member_id)


def month_of(moment: datetime, language: str) -> str:
    """A month in words, for other members: the exact day is nobody's business."""
    return format_date(moment.astimezone(HERE).date(), "MMMM y", locale=language)


def change_relation(db: Session, member_id: int, relation: Relation) -> None:
    """From now on this stands beside the pen name, also at what was written before."""
    own_account(db, member_id).relation = relation
    db.flush()
