"""What the moderator's page of a conversation shows: the boards it can go to, and where it is shown as well."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.boards.access import readable_boards
from app.boards.tables import Board, Section
from app.members.viewer import Viewer
from app.threads.listing import where_shown
from app.threads.tables import Thread


@dataclass(frozen=True)
class Place:
    """A board to choose: its address, and its name with that of its section."""

    slug: str
    section: str
    title: str


@dataclass(frozen=True)
class SteerPage:
    """Where a conversation can be shown or moved to, and the slugs and titles of where it is shown already."""

    places: tuple[Place, ...]
    targets: tuple[Place, ...]
    also: tuple[tuple[str, str], ...]


def read_steering(db: Session, viewer: Viewer, thread: Thread) -> SteerPage:
    """The page of a thread that came through `thread_for_steering`, in two queries."""
    rows = db.execute(
        select(Board.id, Board.slug, Section.title.label("section"), Board.title)
        .join(Section, Board.section_id == Section.id)
        .where(Board.id.in_(readable_boards(viewer)), Board.id != thread.board_id)
        .order_by(Section.position, Section.id, Board.position, Board.id)
    ).all()
    places = tuple(Place(row.slug, row.section, row.title) for row in rows)
    moderated = {row.slug for row in rows if viewer.moderates(row.id)}
    targets = tuple(place for place in places if place.slug in moderated)
    return SteerPage(places, targets, tuple(where_shown(db, thread.id, readable_boards(viewer))))
