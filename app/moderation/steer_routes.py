"""The moderator's page of a conversation: pin, close, move, show in the other section."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy import select
from starlette.responses import Response

from app.boards.access import board_for_reading, readable_boards
from app.boards.tables import Board, Section
from app.kit.forms import Filled, SentForm, filled
from app.kit.pages import page, redirect
from app.kit.permission import open_to
from app.members.viewer import MODERATORS, Visit
from app.moderation.steer import Steer, steer_thread
from app.threads.access import thread_for_steering
from app.threads.listing import where_shown

router = APIRouter()


class SteerForm(SentForm):
    """One act, and the board that it is about where it needs one."""

    act: Steer
    board: str = Field("", max_length=40)


FilledSteer = Annotated[Filled[SteerForm], Depends(filled(SteerForm))]


@router.get("/threads/{thread_id}/moderate")
@open_to(MODERATORS)
def show_steering(visit: Visit, thread_id: str) -> Response:
    """What can be done with this conversation."""
    thread = thread_for_steering(visit.db, visit.viewer, thread_id)
    boards = visit.db.execute(
        select(Section.title, Board.slug, Board.title, Board.id)
        .join(Board, Board.section_id == Section.id)
        .where(Board.id.in_(readable_boards(visit.viewer)), Board.id != thread.board_id)
        .order_by(Section.position, Board.position)
    ).all()
    also = where_shown(visit.db, thread.id, readable_boards(visit.viewer))
    targets = [row for row in boards if visit.viewer.moderates(row.id)]
    return page(visit, "moderation/steer.html", thread=thread, boards=boards, targets=targets, also=also)


@router.post("/threads/{thread_id}/moderate")
@open_to(MODERATORS)
def send_steering(visit: Visit, thread_id: str, form: FilledSteer) -> Response:
    """Do one of these with it."""
    thread = thread_for_steering(visit.db, visit.viewer, thread_id)
    if form.data is None:
        return redirect(visit.request, "show_steering", thread_id=thread.public_id)
    board = board_for_reading(visit.db, visit.viewer, form.data.board) if form.data.board else None
    steer_thread(visit.db, visit.viewer, thread, form.data.act, board, visit.now)
    return redirect(visit.request, "show_steering", thread_id=thread.public_id)
