"""Add a board to a section, with who reads and writes in it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.boards.tables import Audience, Board, BoardAccess, ModerationMode


@dataclass(frozen=True)
class BoardPlan:
    """All that an administrator decides about a board, but its address. Who writes also reads."""

    section_id: int
    title: str
    description: str
    readers: frozenset[Audience]
    writers: frozenset[Audience]
    moderation_mode: ModerationMode
    rules: tuple[int, ...]
    explains_medicines: bool
    position: int


def add_board(db: Session, slug: str, plan: BoardPlan) -> Board:
    """A new board; its slug must be free."""
    board = Board(slug=slug)
    apply_plan(board, plan)
    db.add(board)
    db.flush()
    db.add_all(access_rows(board.id, plan))
    db.flush()
    return board


def apply_plan(board: Board, plan: BoardPlan) -> None:
    """Write into the row what its plan says."""
    board.section_id, board.title, board.description = plan.section_id, plan.title, plan.description
    board.moderation_mode, board.explains_medicines = plan.moderation_mode, plan.explains_medicines
    board.rules, board.position = ",".join(map(str, plan.rules)), plan.position


def access_rows(board_id: int, plan: BoardPlan) -> list[BoardAccess]:
    """Who reads and who writes, as rows."""
    return [
        BoardAccess(board_id=board_id, audience=audience, may_write=audience in plan.writers)
        for audience in sorted(plan.readers | plan.writers)
    ]
