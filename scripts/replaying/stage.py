"""The stage: a throw-away database, the boards of the example café, and the forum as it really runs."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from app.boards.add_board import BoardPlan, add_board
from app.boards.add_section import add_section
from app.boards.tables import Audience, ModerationMode
from app.example.story import read_story
from app.kit.db import Database
from replaying.browser import Traffic
from tests import databases
from tests.servers import Server, cafe, running_server

# Forty members share one address here, and each says in minutes what others say in a year.
LIMITS_FACTOR = 10_000
EVERY_RELATION = frozenset({"lotgenoot", "being_examined", "naaste", "parent"})
GUEST = "guest"
COMPLAINTS = ("Traceback", "failed", "does not answer", "stumbled")


@dataclass(frozen=True)
class Board:
    """A board, and who reads and writes in it: relations, or `guest`."""

    slug: str
    readers: frozenset[str]
    writers: frozenset[str]


@dataclass(frozen=True)
class Stage:
    """The forum, served."""

    server: Server
    traffic: Traffic
    folder: Path
    boards: tuple[Board, ...]
    settings: dict[str, str]

    def cafe(self, *arguments: str) -> str:
        """A `cafe` command at this forum."""
        return cafe(*arguments, settings=self.settings, folder=self.folder)

    @property
    def log(self) -> list[str]:
        """What the server had to complain about."""
        lines = self.server.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in COMPLAINTS)]


@contextmanager
def set_stage(database: str, port: int, workers: int) -> Iterator[Stage]:
    """Serve an empty forum with boards on PostgreSQL or SQLite; all of it is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cafe-replay-")))
        if database == "postgresql":
            server = stack.enter_context(databases.postgres_server())
            name = f"replay_{secrets.token_hex(4)}"
            url = databases.create_database(server, name)
            stack.callback(databases.drop_database, url)
        else:
            url = databases.sqlite_url(folder / "cafe.sqlite3")
        settings = {
            "CAFE_DATABASE_URL": url,
            "CAFE_SECRET_KEY": secrets.token_urlsafe(32),
            "CAFE_LIMITS_FACTOR": str(LIMITS_FACTOR),
            "CAFE_DEVELOPMENT": "true",
        }
        cafe("migrate", settings=settings, folder=folder)
        boards = lay_menu(url)
        served = stack.enter_context(running_server(settings, folder, workers=workers, port=port, within=120))
        host = urlsplit(served.url)
        yield Stage(served, Traffic(host.hostname or "", host.port or 80), folder, boards, settings)


def lay_menu(url: str) -> tuple[Board, ...]:
    """The boards of the example café, and one more that guests read too: else a guest would have nothing to read."""
    story = read_story()
    plans = [
        (board.slug, board.section, board.title, board.description, board.read_relations, board.write_relations)
        for board in story.boards
    ]
    everyone = frozenset(Audience(one) for one in EVERY_RELATION)
    plans.append(
        (
            "open-tafel",
            story.sections[0].slug,
            "Open tafel",
            "Hier leest iedereen mee, ook wie geen lid is.",
            everyone | {Audience.GUEST},
            everyone,
        )
    )
    database = Database(url)
    with database.writing() as db:
        sections = {
            one.slug: add_section(db, one.slug, one.title, one.description, one.diagnosis, place).id
            for place, one in enumerate(story.sections, 1)
        }
        for place, (slug, section, title, description, readers, writers) in enumerate(plans, 1):
            plan = BoardPlan(
                section_id=sections[section],
                title=title,
                description=description,
                readers=frozenset(readers),
                writers=frozenset(writers),
                moderation_mode=ModerationMode.NEW_MEMBERS_FIRST,
                rules=(),
                explains_medicines=False,
                position=place,
            )
            add_board(db, slug, plan)
    database.close()
    return tuple(
        Board(slug, _words(readers) | _words(writers), _words(writers)) for slug, _, _, _, readers, writers in plans
    )


def _words(audiences: frozenset[Audience]) -> frozenset[str]:
    return frozenset(one.value for one in audiences)
