"""Roles: granted and taken back by a person. Either works at once, for every request reads the grants again
(promise P18), and signs the member out, so that a session never outlives the rights it began with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, String, column, func, select, table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit.errors import Conflict, NotFound
from app.kit.messages import N_
from app.members import names
from app.members.sessions import end_sessions_of
from app.members.tables import Member, Role, RoleGrant

# Boards live a floor above; of them a grant only needs to know which there are.
_BOARDS = table("boards", column("id", Integer), column("slug", String), column("title", String))


@dataclass(frozen=True)
class Grant:
    """A role as the administrator's page shows it. Without a board it holds for all."""

    role: Role
    board_slug: str
    board_title: str
    granted_at: datetime
    granted_by: str


def grant_role(
    db: Session, member: Member, role: Role, board_slug: str, granted_by_id: int | None, now: datetime
) -> None:
    """Give a member a role, in one board or (with an empty slug) in all. Twice is once. An administrator always is one
    for the whole café."""
    board_id = None if role is Role.ADMINISTRATOR else _board_id(db, board_slug)
    try:
        with db.begin_nested():
            db.add(
                RoleGrant(
                    member_id=member.id, role=role, board_id=board_id, granted_at=now, granted_by_id=granted_by_id
                )
            )
    except IntegrityError:
        return
    end_sessions_of(db, member.id)


def revoke_role(db: Session, member: Member, role: Role, board_slug: str) -> None:
    """Take a role back. The last administrator stays: somebody must be able to open the door again."""
    board_id = _board_id(db, board_slug)
    here = RoleGrant.board_id == board_id if board_id is not None else RoleGrant.board_id.is_(None)
    held = db.scalar(select(RoleGrant).where(RoleGrant.member_id == member.id, RoleGrant.role == role, here))
    if held is None:
        raise NotFound
    if role is Role.ADMINISTRATOR and _administrator_count(db) == 1:
        raise Conflict(N_("This is the last administrator. Make somebody else administrator first."))
    db.delete(held)
    db.flush()
    end_sessions_of(db, member.id)


def list_grants(db: Session, member_id: int) -> list[Grant]:
    """The roles of a member, with who gave them."""
    giver = select(Member.id, Member.pseudonym).subquery()
    rows = db.execute(
        select(RoleGrant.role, _BOARDS.c.slug, _BOARDS.c.title, RoleGrant.granted_at, giver.c.pseudonym)
        .outerjoin(_BOARDS, _BOARDS.c.id == RoleGrant.board_id)
        .outerjoin(giver, giver.c.id == RoleGrant.granted_by_id)
        .where(RoleGrant.member_id == member_id)
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    return [Grant(role, slug or "", title or "", at, by or "") for role, slug, title, at, by in rows]


def list_boards(db: Session) -> list[tuple[str, str]]:
    """The slug and title of every board."""
    rows = db.execute(select(_BOARDS.c.slug, _BOARDS.c.title).order_by(_BOARDS.c.title, _BOARDS.c.slug))
    return [(slug, title) for slug, title in rows]


def member_named(db: Session, pseudonym: str) -> Member | None:
    """The member with this pen name. There is no list to look through."""
    look = names.skeleton(pseudonym)
    return db.scalar(select(Member).where(Member.skeleton == look, Member.confirmed_at.is_not(None))) if look else None


def member_with_id(db: Session, public_id: str) -> Member:
    """The member with this public id; raises `NotFound`."""
    member = db.scalar(select(Member).where(Member.public_id == public_id, Member.confirmed_at.is_not(None)))
    if member is None:
        raise NotFound
    return member


def _board_id(db: Session, slug: str) -> int | None:
    if not slug:
        return None
    found: int | None = db.scalar(select(_BOARDS.c.id).where(_BOARDS.c.slug == slug))
    if found is None:
        raise NotFound
    return found


def _administrator_count(db: Session) -> int:
    everywhere = RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.board_id.is_(None)
    return db.scalar(select(func.count()).select_from(RoleGrant).where(*everywhere)) or 0
