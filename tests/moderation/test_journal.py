"""The journal is only ever added to: the database itself refuses the rest, whoever asks."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from app.kit.db import Database
from app.kit.migrate import migrate, unmigrate
from app.members.tables import Member
from app.moderation.journal import record
from app.moderation.tables import JournalLine
from tests.cast import Cast
from tests.moderation.desk import now

Say = Callable[[str], None]
BEFORE = "2026_11_22_0950"
KEPT = "2026_11_22_1000"
COLUMNS = {
    "id": "99",
    "at": "'2020-01-01 00:00:00+00'",
    "action": "'nothing'",
    "case_id": "1",
    "post_id": "1",
    "thread_id": "1",
    "rule": "1",
    "before": "'x'",
    "after": "'x'",
}


def planted(cast: Cast) -> int:
    """A line by Mo; answers its id."""
    with cast.database.writing() as db:
        record(db, now(), cast.mo.id, "case.keep")
        return db.scalars(select(JournalLine.id)).one()


def test_no_line_is_changed_or_removed(cast: Cast, on_postgresql: bool, say: Say) -> None:
    line = planted(cast)
    attempts = [f'UPDATE journal SET "{column}" = {value}' for column, value in COLUMNS.items()]
    attempts += [
        f"UPDATE journal SET actor_id = {cast.mia.id}",
        "UPDATE journal SET actor_id = NULL, rule = 1",
        "DELETE FROM journal",
        *(["TRUNCATE journal"] if on_postgresql else []),
    ]
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="only ever added to"), cast.database.writing() as db:
            db.execute(text(attempt))
    with cast.database.reading() as db:
        kept = db.get_one(JournalLine, line)
    assert (kept.actor_id, kept.action, kept.rule) == (cast.mo.id, "case.keep", 0)
    assert set(COLUMNS) == set(JournalLine.__table__.columns.keys()) - {"actor_id"}, "a new column is kept as well"
    say(f"journal: {len(attempts)} of {len(attempts)} ways to change it refused; control: a member who leaves, is not")


def test_the_name_of_a_member_who_leaves_goes_and_the_line_stays(cast: Cast) -> None:
    line = planted(cast)
    with cast.database.writing() as db:
        db.execute(delete(Member).where(Member.id == cast.mo.id))
    with cast.database.reading() as db:
        kept = db.get_one(JournalLine, line)
    assert (kept.actor_id, kept.action) == (None, "case.keep")


def test_the_journal_is_kept_from_one_step_on(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    insert = (
        "INSERT INTO journal (id, at, action, rule, before, after)"
        " VALUES (1, '2026-01-01 00:00:00+00', 'case.keep', 0, '', '')"
    )
    migrate(database, BEFORE)
    _do(database, insert)
    _do(database, "UPDATE journal SET rule = 2")
    migrate(database, KEPT)
    with pytest.raises(DBAPIError):
        _do(database, "UPDATE journal SET rule = 3")
    unmigrate(database, BEFORE)
    _do(database, "UPDATE journal SET rule = 4")
    migrate(database, KEPT)
    with pytest.raises(DBAPIError):
        _do(database, "DELETE FROM journal")
    unmigrate(database)
    database.close()


def _do(database: Database, statement: str) -> None:
    with database.writing() as db:
        db.execute(text(statement))
