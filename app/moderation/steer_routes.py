"""The moderator's page of a conversation: pin, close, move, show in the other section."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.boards.access import board_for_reading
from app.boards.administering import AUDIENCE_WORDS
from app.boards.tables import Audience
from app.kit.forms import Filled, blank, filled
from app.kit.messages import N_, translate
from app.kit.pages import page, redirect
from app.kit.permission import open_to
from app.members.viewer import MODERATORS, OpenVisit, Visit
from app.moderation.forms import SteerForm
from app.moderation.steer import Steer, newly_reading, steer_thread
from app.moderation.steer_page import read_steering
from app.threads.access import thread_for_steering
from app.threads.tables import Thread

router = APIRouter()

FilledSteer = Annotated[Filled[SteerForm], Depends(filled(SteerForm))]
ASK_FIRST = N_("More people would read what was written here. Ask the members who wrote, and tick the box.")


@router.get("/threads/{thread_id}/moderate")
@open_to(MODERATORS)
def show_steering(visit: Visit, thread_id: str) -> Response:
    """What can be done with this conversation."""
    return _steer_page(visit, thread_for_steering(visit.db, visit.viewer, thread_id), blank())


@router.post("/threads/{thread_id}/moderate")
@open_to(MODERATORS)
def send_steering(visit: Visit, thread_id: str, form: FilledSteer) -> Response:
    """Do one of these with it. A move that brings new readers is asked about first."""
    thread = thread_for_steering(visit.db, visit.viewer, thread_id)
    if form.data is None:
        return redirect(visit.request, "show_steering", thread_id=thread.public_id)
    sent = form.data
    board = board_for_reading(visit.db, visit.viewer, sent.board) if sent.board else None
    if sent.act is Steer.MOVE and board is not None and visit.viewer.moderates(board.id) and sent.asked != board.slug:
        newly = newly_reading(visit.db, thread, board)
        if newly:
            unticked = Filled[SteerForm](None, {**form.values, "asked": ""}, {"asked": ASK_FIRST})
            return _steer_page(visit, thread, unticked, 422, newly)
    steer_thread(visit.db, visit.viewer, thread, sent.act, board, visit.now)
    return redirect(visit.request, "show_steering", thread_id=thread.public_id)


def _steer_page(
    visit: OpenVisit,
    thread: Thread,
    form: Filled[SteerForm],
    status: int = 200,
    newly: frozenset[Audience] = frozenset(),
) -> Response:
    return page(
        visit,
        "moderation/steer.html",
        status,
        thread=thread,
        shown=read_steering(visit.db, visit.viewer, thread),
        form=form,
        newly=[translate(words, visit.language) for audience, words in AUDIENCE_WORDS.items() if audience in newly],
    )
