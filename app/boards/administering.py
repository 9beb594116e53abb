"""What the administrator's pages about boards show, and the doors to what they change."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.boards.access import rights_of
from app.boards.listing import who_reads
from app.boards.tables import Audience, Board, BoardAccess, ModerationMode, Section
from app.kit.errors import NotFound
from app.kit.messages import N_

AUDIENCE_WORDS = {
    Audience.LOTGENOOT: N_("Fellow patients"),
    Audience.BEING_EXAMINED: N_("Who is being examined"),
    Audience.NAASTE: N_("Those close to a patient"),
    Audience.PARENT: N_("Parents and carers"),
    Audience.GUEST: N_("Guests, without an account"),
}
MODE_WORDS = {
    ModerationMode.GUARD_ONLY: N_("Only what the guard stops waits"),
    ModerationMode.NEW_MEMBERS_FIRST: N_("The first posts of new members wait"),
    ModerationMode.NEW_THREADS_FIRST: N_("Every new conversation waits; answers do not"),
    ModerationMode.EVERYTHING_FIRST: N_("Everything waits for a moderator"),
}


@dataclass(frozen=True)
class AdministeredBoard:
    """A board as its administrator sees it; `who` and `mode` are message ids."""

    slug: str
    title: str
    description: str
    who: str
    writers: tuple[str, ...]
    mode: str


@dataclass(frozen=True)
class AdministeredSection:
    """A section with all its boards, also the ones that few may read."""

    slug: str
    title: str
    description: str
    boards: tuple[AdministeredBoard, ...]


def read_administration(db: Session) -> tuple[AdministeredSection, ...]:
    """Everything there is, in the order of the menu card; three queries."""
    readers: dict[int, set[Audience]] = defaultdict(set)
    writers: dict[int, set[Audience]] = defaultdict(set)
    for entry in db.scalars(select(BoardAccess)):
        readers[entry.board_id].add(entry.audience)
        if entry.may_write:
            writers[entry.board_id].add(entry.audience)
    boards: dict[int, list[AdministeredBoard]] = defaultdict(list)
    for board in db.scalars(select(Board).order_by(Board.position, Board.id)):
        boards[board.section_id].append(
            AdministeredBoard(
                board.slug,
                board.title,
                board.description,
                who_reads(readers[board.id]),
                tuple(words for audience, words in AUDIENCE_WORDS.items() if audience in writers[board.id]),
                MODE_WORDS[board.moderation_mode],
            )
        )
    return tuple(
        AdministeredSection(section.slug, section.title, section.description, tuple(boards[section.id]))
        for section in read_sections(db)
    )


def read_sections(db: Session) -> list[Section]:
    """All sections, in their order."""
    return list(db.scalars(select(Section).order_by(Section.position, Section.id)))


def section_for_editing(db: Session, slug: str) -> Section:
    """A section, for an administrator; the route has asked for one."""
    section = db.scalar(select(Section).where(Section.slug == slug))
    if section is None:
        raise NotFound
    return section


def board_for_editing(db: Session, slug: str) -> Board:
    """A board, for an administrator; the route has asked for one."""
    board = db.scalar(select(Board).where(Board.slug == slug))
    if board is None:
        raise NotFound
    return board


def section_values(section: Section) -> dict[str, object]:
    """What stands in the form about a section."""
    return {
        "title": section.title,
        "description": section.description,
        "diagnosis": section.diagnosis or "",
        "position": section.position,
    }


def board_values(db: Session, board: Board) -> dict[str, object]:
    """What stands in the form about a board."""
    rights = rights_of(db, board.id)
    section = db.get_one(Section, board.section_id)
    return {
        "section": section.slug,
        "title": board.title,
        "description": board.description,
        "readers": [audience.value for audience in rights.readers],
        "writers": [audience.value for audience in rights.writers],
        "moderation_mode": board.moderation_mode.value,
        "rules": [number for number in board.rules.split(",") if number],
        "explains_medicines": "yes" if board.explains_medicines else "",
        "position": board.position,
    }


def next_position(db: Session, kind: type[Section] | type[Board]) -> int:
    """The place after the last one."""
    return (db.scalar(select(func.max(kind.position))) or 0) + 1


def slug_taken(db: Session, kind: type[Section] | type[Board], slug: str) -> bool:
    """Whether an address is in use already."""
    return db.scalar(select(kind.id).where(kind.slug == slug)) is not None
