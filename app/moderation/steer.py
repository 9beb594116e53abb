"""What a moderator does with a conversation as a whole: each act is written in the journal."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.boards.access import rights_of
from app.boards.tables import Audience, Board
from app.kit.errors import Forbidden
from app.kit.messages import N_
from app.members.viewer import Viewer
from app.moderation.journal import record
from app.moderation.tables import Case
from app.threads.lock import lock_thread, unlock_thread
from app.threads.move import move_thread, show_in_board, unshow_in_board
from app.threads.pin import pin_thread, unpin_thread
from app.threads.tables import Post, Thread, ThreadAudience


class Steer(StrEnum):
    """What can be done with a conversation."""

    PIN = "pin"
    UNPIN = "unpin"
    LOCK = "lock"
    UNLOCK = "unlock"
    MOVE = "move"
    SHOW_ALSO = "show_also"
    UNSHOW = "unshow"


def steer_thread(db: Session, viewer: Viewer, thread: Thread, act: Steer, board: Board | None, now: datetime) -> None:
    """Do it, once, and write it down. `board` is the one to move to or to show it in.

    Moving a conversation wants a moderator of both boards: who reads it changes with the board.
    """
    before = _board_slug(thread)
    if act is Steer.PIN:
        pin_thread(thread, now)
    elif act is Steer.UNPIN:
        unpin_thread(thread)
    elif act is Steer.LOCK:
        lock_thread(thread, now)
    elif act is Steer.UNLOCK:
        unlock_thread(thread)
    elif board is None:
        raise Forbidden(N_("Choose a board first."))
    elif act is Steer.MOVE:
        if not viewer.moderates(board.id):
            raise Forbidden(N_("You can only move a conversation to a board that you moderate."))
        move_thread(db, thread, board)
        of_thread = select(Post.id).where(Post.thread_id == thread.id)
        db.execute(update(Case).where(Case.post_id.in_(of_thread)).values(board_id=board.id))
    elif act is Steer.SHOW_ALSO:
        show_in_board(db, thread, board, now)
    else:
        unshow_in_board(db, thread, board)
    db.flush()
    after = board.slug if board is not None else before
    record(db, now, viewer.member_id, f"thread_{act.value}", thread_id=thread.id, before=before, after=after)


def newly_reading(db: Session, thread: Thread, to: Board) -> frozenset[Audience]:
    """Who would read a conversation after moving it to this board, and could not where its writers wrote it."""
    new = rights_of(db, to.id).readers - rights_of(db, thread.board_id).readers
    return new & {Audience.LOTGENOOT} if thread.audience is ThreadAudience.LOTGENOTEN else new


def _board_slug(thread: Thread) -> str:
    return thread.board.slug
