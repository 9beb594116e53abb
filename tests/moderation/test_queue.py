"""The queue: whose it is, its order, its pages, and what it costs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.kit.db import Database
from app.kit.errors import Forbidden
from app.members.tables import Role
from app.members.viewer import Viewer
from app.moderation.access import case_for_deciding
from app.moderation.desk import DESK_SIZE, Show, next_case, read_queue
from app.moderation.look import look_at_post
from app.moderation.queue import waiting_count
from app.moderation.tables import Action
from app.moderation.waiting_time import words_for
from tests.cast import Cast, post_row
from tests.moderation.desk import careful_board, case_id_of, decide, held_reply, now, report, viewer_of

Say = Callable[[str], None]


def queries(database: Database, work: Callable[[], object]) -> int:
    """How many statements a piece of work sends."""
    seen: list[str] = []
    listen = lambda connection, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    return sum(not statement.startswith("PRAGMA") for statement in seen)


def test_the_queue_costs_the_same_for_one_case_as_for_many(cast: Cast, say: Say) -> None:
    board = careful_board(cast)
    mo = viewer_of(cast.mo, moderates=True)

    def read() -> None:
        with cast.database.reading() as db:
            read_queue(db, mo, Show.ALL, None, 1, now())

    held_reply(cast, board_id=board)
    one = queries(cast.database, read)
    for number in range(DESK_SIZE + 2):
        held_reply(cast, f"Nog een, nummer {number}.", author=cast.make_member(f"Lid{number}"), board_id=board)
    many = queries(cast.database, read)
    assert one == many
    assert one >= 5, "control: the counter counts"
    say(f"queue: {one} queries for 1 case and {many} for {DESK_SIZE}")


def test_pages_are_finite_and_hold_every_case_once(cast: Cast) -> None:
    board = careful_board(cast)
    for number in range(DESK_SIZE + 3):
        held_reply(cast, f"Wachtend {number}.", author=cast.make_member(f"Lid{number}"), board_id=board)
    mo = viewer_of(cast.mo, moderates=True)
    with cast.database.reading() as db:
        pages = [read_queue(db, mo, Show.ALL, None, number, now()) for number in (1, 2, 99)]
    assert [len(page.cases) for page in pages] == [DESK_SIZE, 3, 3]
    seen = [case.public_id for page in pages[:2] for case in page.cases]
    assert len(set(seen)) == DESK_SIZE + 3
    assert pages[0].waiting_count == DESK_SIZE + 3


def test_a_moderator_of_one_board_counts_and_sees_that_board_only(cast: Cast) -> None:
    here, there = careful_board(cast), careful_board(cast)
    mine = held_reply(cast, board_id=here)
    held_reply(cast, board_id=there)
    els = Viewer(cast.mo.id, grants=frozenset({(Role.MODERATOR, here)}))
    nobody = Viewer(cast.anna.id)
    with cast.database.reading() as db:
        desk = read_queue(db, els, Show.ALL, None, 1, now())
        assert [case.public_id for case in desk.cases] == [case_id_of(cast, mine)]
        assert waiting_count(db, els) == 1
        assert waiting_count(db, nobody) == 0
        assert not read_queue(db, nobody, Show.ALL, None, 1, now()).cases
        assert waiting_count(db, viewer_of(cast.mo, moderates=True)) == 2, "control: both are there"


def test_the_next_case_is_one_that_this_moderator_may_decide_on(cast: Cast) -> None:
    board = careful_board(cast)
    held_reply(cast, "Van Mo zelf.", author=cast.mo, board_id=board)
    other = held_reply(cast, "Van Bram.", board_id=board)
    with cast.database.reading() as db:
        assert next_case(db, viewer_of(cast.mo, moderates=True), now()) == case_id_of(cast, other)


def test_whoever_reported_a_post_before_is_never_given_its_next_case(cast: Cast) -> None:
    """The queue, the next case and the door look at the same: all reports of this post, not of this case only."""
    post = cast.reply(cast.thread(), "Het eerste bericht.", author=cast.bram)
    report(cast, post, cast.mo)
    decide(cast, post, Action.KEEP, cast.mia)
    with cast.database.writing() as db:
        look_at_post(db, post_row(db, post), cast.mia.id, now())
    mo, mia = viewer_of(cast.mo, moderates=True), viewer_of(cast.mia, moderates=True)
    with cast.database.reading() as db:
        assert next_case(db, mo, now()) is None
        assert [bool(case.reason_not) for case in read_queue(db, mo, Show.ALL, None, 1, now()).cases] == [True]
        with pytest.raises(Forbidden):
            case_for_deciding(db, mo, case_id_of(cast, post))
        assert next_case(db, mia, now()) == case_id_of(cast, post), "control: another one gets it"
        assert [bool(case.reason_not) for case in read_queue(db, mia, Show.ALL, None, 1, now()).cases] == [False]
        assert case_for_deciding(db, mia, case_id_of(cast, post))


def test_the_waiting_time_is_said_as_it_is() -> None:
    none, hour = timedelta(0), timedelta(hours=1)
    assert "weten nog niet" in words_for(None, none, "nl")
    assert "Meestal binnen 1 uur" in words_for(timedelta(minutes=20), none, "nl")
    assert "Meestal binnen 5 uur" in words_for(5 * hour, none, "nl")
    assert "vaak 12 uur" in words_for(12 * hour, none, "nl")
    assert "langer dan we willen" in words_for(5 * hour, 30 * hour, "nl")
