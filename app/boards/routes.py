"""The administrator's pages about sections and boards. What everyone reads of them stands in `threads/routes.py`."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.boards.add_board import add_board
from app.boards.add_section import add_section
from app.boards.administering import (
    AUDIENCE_WORDS,
    MODE_WORDS,
    board_for_editing,
    board_values,
    next_position,
    read_administration,
    read_sections,
    section_for_editing,
    section_values,
    slug_taken,
)
from app.boards.edit_board import edit_board, newly_reading
from app.boards.edit_section import edit_section
from app.boards.forms import BoardForm, NewBoardForm, NewSectionForm, SectionForm
from app.boards.tables import Audience, Board, Section
from app.kit.forms import Filled, blank, filled
from app.kit.messages import N_, translate
from app.kit.pages import page, redirect
from app.kit.permission import open_to
from app.kit.texts import standing
from app.members.viewer import ADMINISTRATORS, Visit

router = APIRouter()

FilledSection = Annotated[Filled[SectionForm], Depends(filled(SectionForm))]
FilledNewSection = Annotated[Filled[NewSectionForm], Depends(filled(NewSectionForm))]
FilledBoard = Annotated[Filled[BoardForm], Depends(filled(BoardForm))]
FilledNewBoard = Annotated[Filled[NewBoardForm], Depends(filled(NewBoardForm))]

TAKEN = N_("This address is in use already. Choose another one.")
NO_SUCH_SECTION = N_("Choose one of these.")
ASK_FIRST = N_("More people would read what was written here before. Ask the members who wrote, and tick the box.")


@router.get("/administration/boards")
@open_to(ADMINISTRATORS)
def show_boards_page(visit: Visit) -> Response:
    return page(visit, "boards/administration.html", sections=read_administration(visit.db))


@router.get("/administration/sections/new")
@open_to(ADMINISTRATORS)
def show_new_section(visit: Visit) -> Response:
    form: Filled[SectionForm] = blank(position=next_position(visit.db, Section))
    return page(visit, "boards/section_form.html", form=form, section=None)


@router.post("/administration/sections/new")
@open_to(ADMINISTRATORS)
def send_new_section(visit: Visit, form: FilledNewSection) -> Response:
    if form.data is not None and slug_taken(visit.db, Section, form.data.slug):
        form = form.wrong("slug", TAKEN)
    if form.data is None:
        return page(visit, "boards/section_form.html", 422, form=form, section=None)
    sent = form.data
    add_section(visit.db, sent.slug, sent.title, sent.description, sent.diagnosis or None, sent.position)
    return redirect(visit.request, "show_boards_page")


@router.get("/administration/sections/{slug}")
@open_to(ADMINISTRATORS)
def show_section_form(visit: Visit, slug: str) -> Response:
    section = section_for_editing(visit.db, slug)
    return page(visit, "boards/section_form.html", form=blank(**section_values(section)), section=section)


@router.post("/administration/sections/{slug}")
@open_to(ADMINISTRATORS)
def send_section(visit: Visit, slug: str, form: FilledSection) -> Response:
    section = section_for_editing(visit.db, slug)
    if form.data is None:
        return page(visit, "boards/section_form.html", 422, form=form, section=section)
    sent = form.data
    edit_section(visit.db, section, sent.title, sent.description, sent.diagnosis or None, sent.position)
    return redirect(visit.request, "show_boards_page")


@router.get("/administration/boards/new")
@open_to(ADMINISTRATORS)
def show_new_board(visit: Visit, section: str = "") -> Response:
    form: Filled[BoardForm] = blank(
        section=section, position=next_position(visit.db, Board), moderation_mode="new_members_first"
    )
    return _board_page(visit, form, None)


@router.post("/administration/boards/new")
@open_to(ADMINISTRATORS)
def send_new_board(visit: Visit, form: FilledNewBoard) -> Response:
    section_id = _section_id(visit.db, form)
    if form.data is not None and section_id is None:
        form = form.wrong("section", NO_SUCH_SECTION)
    elif form.data is not None and slug_taken(visit.db, Board, form.data.slug):
        form = form.wrong("slug", TAKEN)
    if form.data is None or section_id is None:
        return _board_page(visit, form, None, 422)
    add_board(visit.db, form.data.slug, form.data.as_plan(section_id))
    return redirect(visit.request, "show_boards_page")


@router.get("/administration/boards/{slug}")
@open_to(ADMINISTRATORS)
def show_board_form(visit: Visit, slug: str) -> Response:
    board = board_for_editing(visit.db, slug)
    return _board_page(visit, blank(**board_values(visit.db, board)), board)


@router.post("/administration/boards/{slug}")
@open_to(ADMINISTRATORS)
def send_board(visit: Visit, slug: str, form: FilledBoard) -> Response:
    board = board_for_editing(visit.db, slug)
    section_id = _section_id(visit.db, form)
    if form.data is not None and section_id is None:
        form = form.wrong("section", NO_SUCH_SECTION)
    if form.data is None or section_id is None:
        return _board_page(visit, form, board, 422)
    plan = form.data.as_plan(section_id)
    if newly_reading(visit.db, board, plan) and not form.data.asked:
        return _board_page(visit, form.wrong("asked", ASK_FIRST), board, 422)
    edit_board(visit.db, board, plan)
    return redirect(visit.request, "show_boards_page")


def _section_id(db: Session, form: Filled[BoardForm] | Filled[NewBoardForm]) -> int | None:
    if form.data is None:
        return None
    slug = form.data.section
    return next((section.id for section in read_sections(db) if section.slug == slug), None)


def _board_page(
    visit: Visit, form: Filled[BoardForm] | Filled[NewBoardForm], board: Board | None, status: int = 200
) -> Response:
    who = [(audience, translate(words, visit.language)) for audience, words in AUDIENCE_WORDS.items()]
    return page(
        visit,
        "boards/board_form.html",
        status,
        form=form,
        board=board,
        sections=[(section.slug, section.title) for section in read_sections(visit.db)],
        readers=[(audience.value, words) for audience, words in who],
        writers=[(audience.value, words) for audience, words in who if audience is not Audience.GUEST],
        modes=[(mode.value, translate(words, visit.language)) for mode, words in MODE_WORDS.items()],
        rules=[(number, f"{number}. {standing(f'regel.{number}.titel', visit.language)}") for number in range(1, 16)],
    )
