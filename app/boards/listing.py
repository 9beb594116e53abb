"""The menu card: sections with the boards that this viewer may read, in two queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.boards.access import CLOSE_ONES, PATIENTS, readable_boards
from app.boards.tables import Audience, Board, BoardAccess, Section
from app.kit.errors import NotFound
from app.kit.messages import N_
from app.members.viewer import Viewer


@dataclass(frozen=True)
class MenuBoard:
    """A line of the menu card. `who` is a message id: who reads here."""

    id: int
    slug: str
    title: str
    description: str
    who: str


@dataclass(frozen=True)
class MenuSection:
    """A part of the menu card, with at least one board."""

    slug: str
    title: str
    description: str
    boards: tuple[MenuBoard, ...]


def read_menu(db: Session, viewer: Viewer) -> tuple[MenuSection, ...]:
    """All that this viewer may read, in the order of the card. A section without a readable board is not on it."""
    readable = readable_boards(viewer)
    rows = db.execute(
        select(Section, Board)
        .join(Board, Board.section_id == Section.id)
        .where(Board.id.in_(readable))
        .order_by(Section.position, Section.id, Board.position, Board.id)
    ).all()
    readers: dict[int, set[Audience]] = defaultdict(set)
    for board_id, audience in db.execute(
        select(BoardAccess.board_id, BoardAccess.audience).where(BoardAccess.board_id.in_(readable))
    ):
        readers[board_id].add(audience)
    return tuple(
        MenuSection(
            section.slug,
            section.title,
            section.description,
            tuple(
                MenuBoard(board.id, board.slug, board.title, board.description, who_reads(readers[board.id]))
                for _, board in pairs
            ),
        )
        for section, pairs in groupby(rows, key=lambda row: row[0])
    )


def read_section(db: Session, viewer: Viewer, slug: str) -> MenuSection:
    """One part of the menu card. Without a board that this viewer may read, it does not exist."""
    for section in read_menu(db, viewer):
        if section.slug == slug:
            return section
    raise NotFound


def who_reads(readers: Iterable[Audience]) -> str:
    """In a few words who reads a board, as a message id."""
    found = frozenset(readers)
    if Audience.GUEST in found:
        return N_("Guests read along")
    if found & PATIENTS and found & CLOSE_ONES:
        return N_("Those close to us read along")
    if found & CLOSE_ONES:
        return N_("Only those close to a patient")
    return N_("Fellow patients only") if found else N_("Moderators only")
