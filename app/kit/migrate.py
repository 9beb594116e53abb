"""Brings the database up to date; used by `cafe migrate` and by the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from app.kit.db import Database

ROOT = Path(__file__).resolve().parent.parent.parent


def migrate(database: Database, to: str = "head") -> None:
    """Run the steps up to `to`, in one transaction."""
    with _connected(database) as connection:
        command.upgrade(config_for(connection), to)


def unmigrate(database: Database, to: str = "base") -> None:
    """Undo the steps down to `to`. Only tests do this to a database with something in it."""
    with _connected(database) as connection:
        command.downgrade(config_for(connection), to)


def config_for(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is open already."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    """A connection in a transaction. SQLite's batch steps make tables anew, and with foreign keys on, dropping the old
    table would take along all that points at it; so they are off meanwhile and checked at the end."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
            return
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"{len(broken)} rows point at nothing after this step")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
