"""The life of a post: the moves that exist, and that nothing else does."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.kit import clock
from app.kit.db import Database
from app.kit.errors import Conflict
from app.threads.lifecycle import MOVES, may_move, move_post
from app.threads.tables import Post, PostState, Thread
from tests.cast import Cast, post_row


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(PostState)
    assert all(state not in moves for state, moves in MOVES.items())


@pytest.mark.parametrize("before", PostState)
def test_nothing_published_becomes_unseen_without_a_trace(before: PostState) -> None:
    """A published post can only be hidden or withdrawn, which both leave a place; never go back to waiting."""
    if before is PostState.PUBLISHED:
        assert MOVES[before] == {PostState.HIDDEN, PostState.WITHDRAWN}
    assert not may_move(PostState.WITHDRAWN, before)


def test_a_move_that_does_not_exist_is_refused(database: Database) -> None:
    cast = Cast(database)
    post = cast.opening_of(cast.thread())
    with pytest.raises(Conflict), database.writing() as db:
        move_post(db, post_row(db, post), PostState.HELD, clock.now())


def test_positions_are_given_in_order_of_publication_and_stay(database: Database, say: Callable[[str], None]) -> None:
    cast = Cast(database)
    thread = cast.thread()
    first = cast.reply(thread, "Ik herken dit heel goed.")
    held = cast.reply(thread, "Soms wil ik niet meer wakker worden.")
    last = cast.reply(thread, "Ik ook, en ik lees graag mee.")
    with database.writing() as db:
        move_post(db, post_row(db, first), PostState.WITHDRAWN, clock.now())
        move_post(db, post_row(db, held), PostState.PUBLISHED, clock.now())
    with database.reading() as db:
        positions = dict(db.execute(select(Post.public_id, Post.position)).all())
        thread_row = db.scalars(select(Thread)).one()
    assert (positions[first], positions[last], positions[held]) == (2, 3, 4)
    assert (thread_row.published_count, thread_row.last_position) == (3, 4)
    say("lifecycle: positions of 4 posts stayed through a withdrawal and a late approval")


def test_a_thread_tells_nothing_as_long_as_nothing_is_placed(database: Database) -> None:
    cast = Cast(database)
    thread = cast.thread(text="Je moet stoppen met amitriptyline.", title="Over pillen")
    with database.reading() as db:
        row = db.scalars(select(Thread).where(Thread.public_id == thread)).one()
    assert (row.title, row.published_count, row.last_post_at) == ("", 0, None)
