"""Change a board: its words, who reads and writes, and what waits for a moderator. Its address stays."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.boards.access import rights_of
from app.boards.add_board import BoardPlan, access_rows, apply_plan
from app.boards.tables import Audience, Board, BoardAccess


def edit_board(db: Session, board: Board, plan: BoardPlan) -> None:
    """From the next page on, the board is as planned; also for what was written in it before."""
    apply_plan(board, plan)
    db.execute(delete(BoardAccess).where(BoardAccess.board_id == board.id))
    db.add_all(access_rows(board.id, plan))
    db.flush()


def newly_reading(db: Session, board: Board, plan: BoardPlan) -> frozenset[Audience]:
    """Who would read, after this, what members wrote here without them in mind."""
    return (plan.readers | plan.writers) - rights_of(db, board.id).readers
