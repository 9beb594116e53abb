"""Move a thread to another board, or show it in a second one."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.boards.tables import Board
from app.threads.tables import Thread, ThreadPlacement


def move_thread(db: Session, thread: Thread, to: Board) -> None:
    """Give a thread another home; who may read it follows at once. Its address stays the same."""
    db.execute(delete(ThreadPlacement).where(ThreadPlacement.thread_id == thread.id, ThreadPlacement.board_id == to.id))
    db.execute(update(Thread).where(Thread.id == thread.id).values(board_id=to.id))
    db.refresh(thread, ["board_id", "board"])


def show_in_board(db: Session, thread: Thread, board: Board, now: datetime) -> None:
    """List a thread in a second board as well. Who may read its home can open it: no wider."""
    if board.id != thread.board_id and db.get(ThreadPlacement, (thread.id, board.id)) is None:
        db.add(ThreadPlacement(thread_id=thread.id, board_id=board.id, placed_at=now))
        db.flush()


def unshow_in_board(db: Session, thread: Thread, board: Board) -> None:
    """List a thread no longer in a second board."""
    db.execute(
        delete(ThreadPlacement).where(ThreadPlacement.thread_id == thread.id, ThreadPlacement.board_id == board.id)
    )
