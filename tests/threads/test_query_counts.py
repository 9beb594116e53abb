"""What a whole page costs: as many queries with much to show as with little, on every page that lists something."""

from collections.abc import Callable

from fastapi import FastAPI

from app.boards.tables import ModerationMode
from app.posting.write import House
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.threads.test_reading import counted

NEW = House(first_posts_read=10_000)
PAGES = ("/", "/boards/{board}", "/threads/{thread}", "/inbox", "/my-posts", "/moderation/queue", "/write", "/account")


def fill(cast: Cast, board: str, board_id: int, much: int) -> str:
    """A conversation with so many answers, so many conversations, and so many posts that wait."""
    thread = cast.thread(board_id=board_id, author=cast.bram)
    for number in range(much):
        cast.reply(thread, f"Ik herken dit ook, en ik lees je graag, keer {number}.", cast.anna)
        cast.thread(title=f"Een gesprek over {board}, deel {number}", board_id=board_id, author=cast.nora)
        cast.reply(thread, f"Ik wacht even, keer {number}.", cast.bram, house=NEW)
    return thread


def costs(forum: FastAPI, cast: Cast, board: str, much: int) -> dict[str, int]:
    board_id = cast.make_board(board, mode=ModerationMode.NEW_MEMBERS_FIRST)
    thread = fill(cast, board, board_id, much)
    found = {}
    for path in PAGES:
        viewer: Person = cast.mo if "moderation" in path else cast.bram
        with counted(forum.state.database) as statements:
            Browser(forum, viewer).read(path.format(board=board, thread=thread))
        found[path] = len(statements)
    return found


def test_every_list_costs_the_same_with_much_and_with_little(forum: FastAPI, say: Callable[[str], None]) -> None:
    cast = Cast(forum.state.database)
    little, much = costs(forum, cast, "weinig", 1), costs(forum, cast, "veel", 12)
    say("queries a page, with 1 and with 12: " + ", ".join(f"{path} {little[path]}/{much[path]}" for path in PAGES))
    assert much == little


def test_a_planted_query_a_row_is_counted(forum: FastAPI) -> None:
    cast = Cast(forum.state.database)
    with counted(forum.state.database) as statements, forum.state.database.reading() as db:
        for _ in range(3):
            db.connection().exec_driver_sql("SELECT 1")
    assert len(statements) == 3
    assert cast.board
