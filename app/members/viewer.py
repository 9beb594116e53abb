"""Whoever looks: guest or member. And the visit: what every page is opened with, in one transaction."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import Database
from app.kit.errors import Forbidden, NotFound, SignInFirst
from app.kit.guarding import SAFE_METHODS
from app.kit.ids import hash_of
from app.kit.messages import N_
from app.kit.pages import Display
from app.kit.permission import Policy, policy_of
from app.kit.settings import Settings
from app.members.tables import Consent, Member, MemberSession, Purpose, Relation, Role, RoleGrant

# Promise D9. A role is a key to other people's words, so it rests sooner.
MEMBER_IDLE = timedelta(days=14)
ROLE_IDLE = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=10)

ALL_BOARDS = None


@dataclass(frozen=True)
class Viewer:
    """A guest (the default) or a member, as far as rights go."""

    member_id: int | None = None
    public_id: str = ""
    pseudonym: str = ""
    relation: Relation | None = None
    grants: frozenset[tuple[Role, int | None]] = frozenset()
    shows_posts: bool = False
    session_id: int | None = None

    @property
    def is_member(self) -> bool:
        return self.member_id is not None

    @property
    def is_administrator(self) -> bool:
        return (Role.ADMINISTRATOR, ALL_BOARDS) in self.grants

    @property
    def may_moderate(self) -> bool:
        """Whether this member moderates anything at all."""
        return any(role is Role.MODERATOR for role, _ in self.grants)

    @property
    def moderates_all(self) -> bool:
        return (Role.MODERATOR, ALL_BOARDS) in self.grants

    @property
    def moderated_boards(self) -> frozenset[int]:
        """The boards named in this member's grants; says nothing when `moderates_all`."""
        return frozenset(board for role, board in self.grants if role is Role.MODERATOR and board is not None)

    def moderates(self, board_id: int) -> bool:
        return self.moderates_all or board_id in self.moderated_boards


GUEST = Viewer()


@dataclass
class OpenVisit:
    """One request: who looks, at what moment, in which transaction."""

    request: Request
    db: Session
    viewer: Viewer
    now: datetime
    display: Display
    session_secret: str | None

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def language(self) -> str:
        return self.display.language

    @property
    def member_id(self) -> int:
        """The id of a member that looks; a policy has made sure there is one."""
        if self.viewer.member_id is None:
            raise SignInFirst
        return self.viewer.member_id


def _admit_all(viewer: Viewer) -> None:
    return None


def _admit_members(viewer: Viewer) -> None:
    if not viewer.is_member:
        raise SignInFirst


def _admit_moderators(viewer: Viewer) -> None:
    _admit_members(viewer)
    if not viewer.may_moderate:
        raise NotFound


def _admit_administrators(viewer: Viewer) -> None:
    _admit_members(viewer)
    if not viewer.is_administrator:
        raise NotFound


def _admit_guests(viewer: Viewer) -> None:
    if viewer.is_member:
        raise Forbidden(N_("You are signed in already."))


EVERYONE = Policy("everyone", _admit_all)
GUESTS = Policy("guests", _admit_guests)
MEMBERS = Policy("members", _admit_members)
MODERATORS = Policy("moderators", _admit_moderators)
ADMINISTRATORS = Policy("administrators", _admit_administrators)


def open_visit(request: Request) -> Iterator[OpenVisit]:
    """The dependency of every route: session, viewer and policy in one, committed before the answer is sent."""
    with visiting(request) as visit:
        policy = policy_of(request.scope["endpoint"])
        if policy is None:
            raise NotFound
        policy.admits(visit.viewer)
        yield visit


# "function" scope commits before the answer is sent: the page a redirect leads to must find what the form just wrote.
Visit = Annotated[OpenVisit, Depends(open_visit, scope="function")]


@contextmanager
def visiting(request: Request) -> Iterator[OpenVisit]:
    """A visit outside a route, such as for an error page. GET and HEAD can only read."""
    database: Database = request.app.state.database
    now = clock.now()
    secret: str | None = request.state.session_secret
    reads = request.method in SAFE_METHODS
    transaction: AbstractContextManager[Session] = database.reading() if reads else database.writing()
    with transaction as db:
        found = find_viewer(db, secret, now) if secret else None
        if found is None:
            request.state.session_secret = None  # forms of a dead session are guest's forms
            viewer, display = GUEST, _guests_display(request)
            visit = OpenVisit(request, db, viewer, now, display, None)
        else:
            viewer, display, seen_at = found
            visit = OpenVisit(request, db, viewer, now, display, secret)
            if now - seen_at > SEEN_EVERY:
                request.state.seen = viewer.session_id
        yield visit
    if getattr(request.state, "seen", None):
        _mark_seen(database, request.state.seen, now)


def display_cookie_name(settings: Settings) -> str:
    """The cookie in which a guest's device keeps how pages look; bound to this host over https."""
    return "__Host-view" if settings.is_https else "view"


def _guests_display(request: Request) -> Display:
    return Display.from_text(request.cookies.get(display_cookie_name(request.app.state.settings), ""))


def find_viewer(db: Session, secret: str, now: datetime) -> tuple[Viewer, Display, datetime] | None:
    """Who has this session, how pages should look, and when it was last used; None when it is over."""
    shows = exists().where(
        Consent.member_id == Member.id, Consent.purpose == Purpose.SHOW_POSTS, Consent.withdrawn_at.is_(None)
    )
    rows = db.execute(
        select(
            Member.id,
            Member.public_id,
            Member.pseudonym,
            Member.relation,
            Member.display,
            MemberSession.id.label("session_id"),
            MemberSession.last_seen_at,
            MemberSession.expires_at,
            RoleGrant.role,
            RoleGrant.board_id,
            shows.label("shows_posts"),
        )
        .join(MemberSession, MemberSession.member_id == Member.id)
        .outerjoin(RoleGrant, RoleGrant.member_id == Member.id)
        .where(and_(MemberSession.secret_hash == hash_of(secret), Member.confirmed_at.is_not(None)))
    ).all()
    if not rows:
        return None
    first = rows[0]
    grants = frozenset((row.role, row.board_id) for row in rows if row.role is not None)
    has_key = any(role in {Role.MODERATOR, Role.ADMINISTRATOR} for role, _ in grants)
    if first.expires_at <= now or now - first.last_seen_at > (ROLE_IDLE if has_key else MEMBER_IDLE):
        return None
    viewer = Viewer(
        first.id, first.public_id, first.pseudonym, first.relation, grants, bool(first.shows_posts), first.session_id
    )
    return viewer, Display.from_text(first.display), first.last_seen_at


def _mark_seen(database: Database, session_id: int, now: datetime) -> None:
    """The one thing a GET writes, after its own transaction, at most once in ten minutes: that a device is in use."""
    with database.writing() as db:
        db.execute(update(MemberSession).where(MemberSession.id == session_id).values(last_seen_at=now))
