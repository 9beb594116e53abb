"""The doors to a board, and who may read and write in it: as a clause for a query, and as an answer for a row."""

from dataclasses import dataclass

from sqlalchemy import Select, false, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from app.boards.tables import Audience, Board, BoardAccess
from app.kit.errors import Forbidden, NotFound
from app.kit.messages import N_
from app.kit.permission import YES, Answer, no
from app.members.tables import Relation
from app.members.viewer import Viewer

PATIENTS = frozenset({Audience.LOTGENOOT, Audience.BEING_EXAMINED})
CLOSE_ONES = frozenset({Audience.NAASTE, Audience.PARENT})

SIGN_IN_TO_WRITE = N_("Sign in, or join us, to write here.")
ONLY_PATIENTS_WRITE = N_("Here only fellow patients write. In 'Voor naasten' you are most welcome.")
ONLY_CLOSE_ONES_WRITE = N_("Here only those close to a patient write. You are welcome to read along.")
ONLY_SOME_WRITE = N_("Here you may read along, but not write. In other boards you are most welcome.")
CONSENT_FIRST = N_("Before you write, say on your page My café that members may read what you write.")
NOT_YOUR_BOARD = N_("This board is not open to you.")


@dataclass(frozen=True)
class BoardRights:
    """Who may read one board, and who may write in it as well."""

    board_id: int
    readers: frozenset[Audience]
    writers: frozenset[Audience]


def audience_of(viewer: Viewer) -> Audience:
    """The entry in a list of readers that is about this viewer."""
    return Audience.GUEST if viewer.relation is None else Audience(viewer.relation.value)


def readable_boards(viewer: Viewer) -> Select[int]:
    """The ids of the boards that this viewer may read; for `Board.id.in_(...)`."""
    return select(Board.id).where(or_(_moderated(viewer), Board.id.in_(_listed(viewer))))


def writable_boards(viewer: Viewer) -> Select[int]:
    """The ids of the boards that this viewer may write in; none without consent to show posts."""
    if not viewer.is_member or not viewer.shows_posts:
        return select(Board.id).where(false())
    writers = _listed(viewer).where(BoardAccess.may_write)
    return select(Board.id).where(or_(_moderated(viewer), Board.id.in_(writers)))


def may_read_board(viewer: Viewer, readers: frozenset[Audience], board_id: int) -> Answer:
    """What `readable_boards` says, for one board whose readers are known."""
    return YES if audience_of(viewer) in readers or viewer.moderates(board_id) else no(NOT_YOUR_BOARD)


def may_write_in_board(viewer: Viewer, rights: BoardRights) -> Answer:
    """What `writable_boards` says, for one board whose rights are known; the reason is written to be read."""
    if not viewer.is_member:
        return no(SIGN_IN_TO_WRITE)
    readable = may_read_board(viewer, rights.readers, rights.board_id)
    if not readable:
        return readable
    if audience_of(viewer) not in rights.writers and not viewer.moderates(rights.board_id):
        return no(_why_not(viewer, rights.writers))
    return YES if viewer.shows_posts else no(CONSENT_FIRST)


def rights_of(db: Session, board_id: int) -> BoardRights:
    """Who may read and write in one board, from the database."""
    entries = db.execute(
        select(BoardAccess.audience, BoardAccess.may_write).where(BoardAccess.board_id == board_id)
    ).all()
    readers = frozenset(entry.audience for entry in entries)
    return BoardRights(board_id, readers, frozenset(entry.audience for entry in entries if entry.may_write))


def board_for_reading(db: Session, viewer: Viewer, slug: str) -> Board:
    """The board at this address. One that this viewer may not read does not exist."""
    board = db.scalar(select(Board).where(Board.slug == slug, Board.id.in_(readable_boards(viewer))))
    if board is None:
        raise NotFound
    return board


def board_for_writing(db: Session, viewer: Viewer, slug: str) -> Board:
    """The board at this address, for who may start a thread in it; others hear why not."""
    board = board_for_reading(db, viewer, slug)
    answer = may_write_in_board(viewer, rights_of(db, board.id))
    if not answer:
        raise Forbidden(answer.reason)
    return board


def _listed(viewer: Viewer) -> Select[int]:
    return select(BoardAccess.board_id).where(BoardAccess.audience == audience_of(viewer))


def _moderated(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.moderates_all else Board.id.in_(sorted(viewer.moderated_boards))


def _why_not(viewer: Viewer, writers: frozenset[Audience]) -> str:
    is_close = viewer.relation in {Relation.NAASTE, Relation.PARENT}
    if is_close and writers and writers <= PATIENTS:
        return ONLY_PATIENTS_WRITE
    if not is_close and writers and writers <= CLOSE_ONES:
        return ONLY_CLOSE_ONES_WRITE
    return ONLY_SOME_WRITE
