"""A page of a thread: the tree, the pages that stay put, and a fixed number of queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import event, select

from app.boards.tables import Board
from app.kit.db import Database
from app.members.tables import Relation
from app.members.viewer import Viewer
from app.threads.access import thread_for_reading
from app.threads.listing import read_board_threads
from app.threads.reading import MAX_DEPTH, Order, ReadPost, in_order, page_of, read_thread
from app.threads.tables import PostState
from tests.cast import Cast

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def row(number: int, parent: int | None) -> ReadPost:
    return ReadPost(
        number,
        f"p{number}",
        parent,
        PostState.PUBLISHED,
        "",
        None,
        None,
        None,
        None,
        NOON,
        None,
        None,
        (),
        None,
        False,
        False,
        0,
    )


def test_the_tree_is_read_depth_first() -> None:
    rows = [row(1, None), row(2, 1), row(3, 1), row(4, 2), row(5, 4)]
    assert [(one.id, one.depth) for one in in_order(rows, Order.TREE)] == [(1, 0), (2, 1), (4, 2), (5, 3), (3, 1)]
    assert [one.id for one in in_order(rows, Order.TIME)] == [1, 2, 3, 4, 5]


def test_an_answer_to_an_earlier_page_stands_at_the_root() -> None:
    assert [(one.id, one.depth) for one in in_order([row(21, 3), row(22, 21)], Order.TREE)] == [(21, 0), (22, 1)]


def test_a_hostile_tree_is_drawn_no_deeper_than_the_cap() -> None:
    chain = [row(number, number - 1 or None) for number in range(1, 5001)]
    depths = [one.depth for one in in_order(chain, Order.TREE)]
    assert len(depths) == 5000 and max(depths) == MAX_DEPTH


def test_the_page_of_a_post_follows_from_its_position() -> None:
    assert [page_of(position, 45, 20) for position in (1, 20, 21, 40, 41)] == [1, 1, 2, 2, 3]
    assert page_of(None, 45, 20) == 3 and page_of(None, 0, 20) == 1


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_a_page_costs_as_many_queries_for_fifty_posts_as_for_one(
    database: Database, say: Callable[[str], None]
) -> None:
    cast = Cast(database)
    short, long = cast.thread(), cast.thread()
    for number in range(50):
        cast.reply(long, f"Dit is antwoord {number} en ik herken het.")
    viewer = Viewer(cast.bram.id, relation=Relation.LOTGENOOT)
    counts = []
    for thread in (short, long):
        with database.reading() as db, counted(database) as statements:
            read = read_thread(db, viewer, thread_for_reading(db, viewer, thread), 1, Order.TREE, 50)
            board = db.scalars(select(Board).where(Board.id == cast.board)).one()
            read_board_threads(db, viewer, board, None)
        counts.append((len(statements), len(read.posts)))
    say(f"queries: {counts[0][0]} for {counts[0][1]} post, {counts[1][0]} for {counts[1][1]} posts")
    assert counts[0][0] == counts[1][0]
    assert counts[1][1] == 50


def test_pages_stay_put_when_posts_are_added(database: Database) -> None:
    cast = Cast(database)
    thread = cast.thread()
    for number in range(9):
        cast.reply(thread, f"Antwoord {number}, ik lees je.")
    viewer = Viewer(cast.bram.id, relation=Relation.LOTGENOOT)

    def first_page() -> list[str]:
        with database.reading() as db:
            read = read_thread(db, viewer, thread_for_reading(db, viewer, thread), 1, Order.TIME, 5)
            return [one.public_id for one in read.posts]

    before = first_page()
    cast.reply(thread, "Nog een antwoord, op het eerste bericht.")
    assert first_page() == before and len(before) == 5
