"""What every test may ask for: settings, a forum on a fresh database, a browser, a mail server.

`--database sqlite|postgresql` chooses the database (SQLite unless told). Every test starts with the database as the
migrations left it. Nothing may connect to another machine (promise P10); a test that tries, fails.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from app.kit.db import Database
from app.kit.settings import Settings
from tests import databases
from tests.mailbox import Mailbox, mail_server
from tests.network import Outside, only_this_machine
from tests.servers import Server, cafe, running_server

if TYPE_CHECKING:  # a floor that is broken half-way must not stop the tests of the floors below
    from tests.browser import Browser
    from tests.cast import Cast

pytest_plugins = ["tests.browsers"]

BASE_URL = "https://cafe.example"
SECRET = "only-for-the-tests-only-for-the-tests"
TEMPLATE = "cafe_template"

server_key = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="what the tests run on")


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, here where all workers of xdist come from: they inherit its address."""
    for name in [name for name in os.environ if name.startswith("CAFE_")]:
        del os.environ[name]  # anyone's own settings are not for the tests
    if config.getoption("--database") != "postgresql" or hasattr(config, "workerinput"):
        return
    stack = ExitStack()
    config.stash[server_key] = stack
    server = stack.enter_context(databases.postgres_server())
    os.environ["TEST_DATABASE_URL"] = server
    template = databases.create_database(server, TEMPLATE)
    databases.migrate(template)
    databases.prepare_wiping(template)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server_key in config.stash:
        config.stash[server_key].close()


# --- what a test found out, with its denominator -------------------------------------------------------------------


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell in the summary what was counted: `say(f"P10: 0 connections in {n} requests")`."""
    return lambda text: record_property("says", text)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    passed = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    said = sorted(str(text) for one in passed for name, text in one.user_properties if name == "says")
    if said:
        terminalreporter.section("counted")
        for text in dict.fromkeys(said):
            terminalreporter.write_line(text)


# --- the network -----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def outside() -> Iterator[Outside]:
    """Refuses every connection to another machine, and fails the test that tried, even when the forum swallowed it."""
    with only_this_machine() as outside:
        yield outside
    assert not outside.attempts, f"the forum fetches nothing (P10), yet tried: {', '.join(outside.attempts)}"


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def on_postgresql(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--database") == "postgresql")


@pytest.fixture(scope="session")
def fresh_database(
    on_postgresql: bool, worker_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], str]:
    """Makes this worker's database fresh and gives its address."""
    if not on_postgresql:
        template = shared(tmp_path_factory, "migrated", databases.make_sqlite_template)
        return lambda folder: databases.copy_sqlite(template, folder)
    url = databases.create_database(os.environ["TEST_DATABASE_URL"], f"cafe_{worker_name}", TEMPLATE)

    def fresh(folder: Path) -> str:
        databases.wipe(url)
        return url

    return fresh


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "alone"))


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that all workers share; the first one to ask fills it, the others wait."""
    base = factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = folder / name
        if not ready.exists():
            making = folder / f"{name}.making"
            making.mkdir()
            make(making)
            making.rename(ready)
    return ready


@pytest.fixture
def database_url(fresh_database: Callable[[Path], str], tmp_path: Path) -> str:
    """A database as the migrations left it."""
    return fresh_database(tmp_path)


@pytest.fixture
def empty_database_url(on_postgresql: bool, worker_name: str, tmp_path: Path) -> Iterator[str]:
    """A database without a single table, for tests of the migrations themselves."""
    if not on_postgresql:
        yield databases.sqlite_url(tmp_path / "empty.sqlite3")
        return
    url = databases.create_database(os.environ["TEST_DATABASE_URL"], f"empty_{worker_name}")
    yield url
    databases.drop_database(url)


# --- the forum -------------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """As on a real server: https, a secret. `settings.model_copy(update={...})` for another."""
    return Settings(_env_file=None, base_url=BASE_URL, secret_key=SECRET, database_url=database_url, var=tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The way in for a test that needs no web: `with database.writing() as db`."""
    database = Database(settings.database_url, settings)
    yield database
    database.close()


@pytest.fixture
def forum(settings: Settings) -> Iterator[FastAPI]:
    """The whole forum, without a postman: a test sends what waits with `send_due`."""
    from app.main import build

    forum = build(settings, with_postman=False)
    yield forum
    forum.state.database.close()


@pytest.fixture
def cast(forum: FastAPI) -> "Cast":
    """Anna, Bram, Nora, Mo, Mia and Ada, with a board to write in."""
    from tests.cast import Cast

    return Cast(forum.state.database)


@pytest.fixture
def browser(forum: FastAPI) -> "Browser":
    """A guest; `browser.as_(cast.anna)` is Anna."""
    from tests.browser import Browser

    return Browser(forum)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real mail server on loopback; `mailbox.settings` tells the forum where."""
    with mail_server() as mailbox:
        yield mailbox


# --- the forum as a process of its own -------------------------------------------------------------------------------


@pytest.fixture
def serve(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Serves this test's database: `serve(workers=2, CAFE_PAGE_SIZE="5").url`."""
    with ExitStack() as stack:

        def serve(workers: int = 1, **settings: str) -> Server:
            settings = {"CAFE_DATABASE_URL": database_url, **settings}
            return stack.enter_context(running_server(settings, tmp_path, workers=workers))

        yield serve


@pytest.fixture(scope="session")
def example_cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example café, served for the whole session: for tests that only read, and for journeys that mind nobody."""

    def make(folder: Path) -> None:
        for command in ("migrate", "seed"):
            cafe(command, settings=settings(folder), folder=folder)

    def settings(folder: Path) -> dict[str, str]:
        url = databases.sqlite_url(folder / databases.SQLITE_FILE)
        return {"CAFE_DATABASE_URL": url, "CAFE_SECRET_KEY": SECRET, "CAFE_DEVELOPMENT": "true"}

    seeded = shared(tmp_path_factory, "seeded", make)
    folder = tmp_path_factory.mktemp("example")
    databases.copy_sqlite(seeded, folder)
    with running_server(settings(folder), folder) as server:
        yield server
