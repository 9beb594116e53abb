"""The database: one engine, one transaction a request, and the only place that commits.

Reading requests cannot write at all: SQLite runs them with `query_only`, PostgreSQL as a read-only transaction.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session

from app.kit.settings import Settings

try:  # a SQLite with the WAL-reset fix; Python's own is often too old
    from pysqlite3 import dbapi2 as sqlite_driver
except ImportError:  # pragma: no cover - no wheel for this platform: Python's own, if that one is safe
    sqlite_driver = sqlite3

# https://sqlite.org/wal.html#walresetbug: 3.7.0 up to 3.51.2 can corrupt a WAL database that several connections use.
FIRST_SAFE_SQLITE = (3, 51, 3)
BUSY_MILLISECONDS = 5000
# A page that hangs must not keep others waiting: what takes longer is undone and answered with "try again".
POSTGRESQL_LIMITS = "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"


class Base(DeclarativeBase):
    """Parent of all rows. Constraints have names from the first day, or SQLite's batch migrations cannot find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[Any], name: str) -> Enum:
    """A column type for a `StrEnum`: its values as text, held by a named CHECK."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class UnsafeSqlite(RuntimeError):
    """This SQLite can lose data the way we use it."""


def check_sqlite(version: tuple[int, ...]) -> None:
    """Refuse a SQLite with the WAL-reset bug; raises `UnsafeSqlite`."""
    if version < FIRST_SAFE_SQLITE:
        raise UnsafeSqlite(
            f"SQLite {'.'.join(map(str, version))} can corrupt a database in WAL mode. Install the package pysqlite3,"
            " or use PostgreSQL (CAFE_DATABASE_URL)."
        )


class Database:
    """One database and its two ways in: `reading` and `writing`, each a transaction."""

    def __init__(self, url: str, settings: Settings | None = None) -> None:
        """`settings` travel with every session (`db.info`), for verbs that write letters or count how often."""
        self.url = make_url(url)
        self._info: dict[str, Any] = {"settings": settings} if settings is not None else {}
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._read = self.engine.execution_options(
            **({"reads": True} if self.is_sqlite else {"postgresql_readonly": True})
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that cannot change anything."""
        with Session(self._read, expire_on_commit=False, autoflush=False, info=self._info) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or undone whole by an exception."""
        with Session(self.engine, expire_on_commit=False, info=self._info) as session:
            yield session
            session.commit()

    def close(self) -> None:
        self.engine.dispose()


def step_out(db: Session) -> None:
    """Let go of a transaction in which nothing was written yet; the next statement begins a new one. For slow work
    half-way a request (a password's hash): on SQLite a writer that dawdles keeps all others waiting. Rows that were
    read before can be looked at, but belong to no transaction any more: what should change is to be read again."""
    if db.new or db.dirty or db.deleted:
        raise RuntimeError("something was written already")
    db.close()


def _sqlite_engine(url: str) -> Engine:
    check_sqlite(sqlite_driver.sqlite_version_info)
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, module=sqlite_driver, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, or the driver does it too late
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
            "secure_delete=ON",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        # IMMEDIATE: a writer waits for its turn at the start, never half-way, where waiting cannot help.
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: str) -> Engine:
    limits = {"options": POSTGRESQL_LIMITS}
    return create_engine(
        url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True, connect_args=limits
    )
