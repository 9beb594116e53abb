"""A conversation moves, and with it who reads it: never to more people in one press."""

import re

import pytest
from sqlalchemy import select

from app.boards.tables import Audience
from app.members.tables import Role
from app.moderation.tables import JournalLine
from app.threads.tables import ThreadAudience
from tests.browser import Browser
from tests.cast import Cast, thread_row

PATIENTS = frozenset({Audience.LOTGENOOT})
WIDER = PATIENTS | {Audience.NAASTE, Audience.GUEST}


def board_of(cast: Cast, thread: str) -> str:
    with cast.database.reading() as db:
        return thread_row(db, thread).board.slug


@pytest.fixture
def thread(cast: Cast) -> str:
    """A conversation among fellow patients, beside a board that more people read."""
    cast.make_board("ruim", readers=WIDER, writers=WIDER - {Audience.GUEST})
    return cast.thread(board_id=cast.make_board("besloten", readers=PATIENTS, writers=PATIENTS))


def test_who_would_newly_read_is_named_before_a_conversation_moves(browser: Browser, cast: Cast, thread: str) -> None:
    mo, address = browser.as_(cast.mo), f"/threads/{thread}/moderate"
    asked = mo.post(address, {"act": "move", "board": "ruim"})
    assert asked.status_code == 422
    newly = re.search(r'<p id="newly">.*?</p>', asked.text, re.DOTALL)
    assert newly and "Naasten" in newly[0] and "Gasten" in newly[0] and "Lotgenoten" not in newly[0]
    assert board_of(cast, thread) == "besloten"
    assert browser.as_(cast.nora).get(f"/threads/{thread}").status_code == 404
    assert 'name="asked" value="ruim"' in asked.text and " checked" not in asked.text
    elsewhere = mo.post(address, {"act": "move", "board": "ruim", "asked": "dagelijks"})
    assert elsewhere.status_code == 422, "the tick is about one board"
    assert " checked" not in elsewhere.text
    assert mo.post(address, {"act": "move", "board": "ruim", "asked": "ruim"}).status_code == 303
    assert board_of(cast, thread) == "ruim"
    with cast.database.reading() as db:
        lines = db.scalars(select(JournalLine).where(JournalLine.action == "thread_move")).all()
    assert [(line.before, line.after) for line in lines] == [("besloten", "ruim")]


def test_a_move_to_fewer_readers_goes_at_once(browser: Browser, cast: Cast, thread: str) -> None:
    wide = cast.thread(author=cast.bram)
    answer = browser.as_(cast.mo).post(f"/threads/{wide}/moderate", {"act": "move", "board": "besloten"})
    assert answer.status_code == 303
    assert board_of(cast, wide) == "besloten"


def test_a_conversation_for_lotgenoten_stays_theirs_wherever_it_goes(browser: Browser, cast: Cast, thread: str) -> None:
    naasten = frozenset({Audience.NAASTE})
    closed = cast.make_board("naasten", readers=naasten, writers=naasten)
    cast.make_board("gewoon", readers=PATIENTS | naasten)
    mo = browser.as_(cast.mo)
    among_us = cast.thread(board_id=cast.board, audience=ThreadAudience.LOTGENOTEN)
    assert mo.post(f"/threads/{among_us}/moderate", {"act": "move", "board": "ruim"}).status_code == 303
    theirs = cast.thread(board_id=closed, audience=ThreadAudience.LOTGENOTEN)
    asked = mo.post(f"/threads/{theirs}/moderate", {"act": "move", "board": "gewoon"})
    assert asked.status_code == 422, "control: lotgenoten would newly read it"
    assert browser.as_(cast.nora).get(f"/threads/{among_us}").status_code == 404


def test_whoever_does_not_moderate_the_other_board_hears_that_and_not_who_reads_it(
    browser: Browser, cast: Cast, thread: str
) -> None:
    with cast.database.reading() as db:
        here = thread_row(db, thread).board_id
    els = browser.as_(cast.make_member("Els", role=Role.MODERATOR, board_id=here))
    address = f"/threads/{thread}/moderate"
    assert (
        els.post(address, {"act": "move", "board": "ruim"}).status_code == 403 or board_of(cast, thread) == "besloten"
    )
    assert 'name="act" value="move"' not in els.read(address)
    assert 'name="act" value="move"' in browser.as_(cast.mo).read(address), "control: who moderates both may"
