"""The database's two ways in: reading cannot write, writing is whole or not at all, and a moment is a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError, StatementError

from app.kit.db import Database
from app.kit.limits import Counter
from app.kit.mail import Mail, queue_mail
from tests.cast import Cast

Say = Callable[[str], None]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mails(database: Database) -> list[Mail]:
    with database.reading() as db:
        return list(db.scalars(select(Mail).order_by(Mail.id)))


def test_a_reading_session_cannot_write(database: Database, say: Say) -> None:
    attempts = [
        "INSERT INTO counters (key, window_ends_at, count) VALUES ('a', '2026-01-01', 1)",
        "UPDATE counters SET count = 2",
        "DELETE FROM counters",
        "DROP TABLE counters",
        "CREATE TABLE planted (id INTEGER)",
        "ALTER TABLE counters ADD COLUMN planted INTEGER",
    ]
    for attempt in attempts:
        with pytest.raises((OperationalError, InternalError)), database.reading() as db:
            db.execute(text(attempt))
    with pytest.raises((OperationalError, InternalError)), database.reading() as db:
        queue_mail(db, "a@cafe.example", "s", "t", NOON)
        db.flush()
    with database.reading() as db:
        queue_mail(db, "a@cafe.example", "s", "t", NOON)  # forgotten, and so never written
    assert not mails(database)
    with database.writing() as db:
        db.execute(text(attempts[0]))  # control: the very same connection may write a moment later
    with database.reading() as db:
        assert db.scalar(select(Counter.count)) == 1
    say(f"reading session: {len(attempts) + 1} of {len(attempts) + 1} attempts to write refused")


def test_writing_is_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as db:
        queue_mail(db, "a@cafe.example", "s", "t", NOON)
        db.flush()
        raise RuntimeError("halfway")
    assert not mails(database)
    with database.writing() as db:
        queue_mail(db, "a@cafe.example", "s", "t", NOON)
    assert len(mails(database)) == 1, "control"


def test_what_one_writes_the_next_reads(database: Database) -> None:
    with database.reading() as before:
        assert before.scalars(select(Mail)).all() == []
        with database.writing() as db:
            queue_mail(db, "a@cafe.example", "s", "t", NOON)
    another = Database(database.url.render_as_string(hide_password=False))
    assert [mail.recipient for mail in mails(another)] == ["a@cafe.example"]
    another.close()


def test_rows_stay_usable_after_the_transaction(database: Database) -> None:
    with database.writing() as db:
        mail = queue_mail(db, "a@cafe.example", "Onderwerp", "t", NOON)
    assert (mail.id, mail.subject) == (1, "Onderwerp")


def test_foreign_keys_and_choices_hold(database: Database, say: Say) -> None:
    cast = Cast(database)
    broken = [
        "UPDATE role_grants SET member_id = 999999",
        "UPDATE boards SET section_id = 999999",
        "UPDATE members SET relation = 'stranger'",
        "UPDATE role_grants SET role = 'king'",
        "UPDATE members SET email = 'anna@voorbeeld.example'",
    ]
    for statement in broken:
        with pytest.raises(IntegrityError), database.writing() as db:
            db.execute(text(statement))
    assert cast.anna.id
    say(f"constraints: {len(broken)} of {len(broken)} broken rows refused")


@pytest.mark.parametrize(
    "moment",
    [
        NOON,
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Amsterdam")),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Amsterdam")),
        datetime(2026, 7, 1, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(database: Database, moment: datetime) -> None:
    with database.writing() as db:
        queue_mail(db, "a@cafe.example", "s", "t", moment)
    back = mails(database)[0].created_at
    assert back == moment.astimezone(UTC)
    assert back.tzinfo is UTC
    with database.reading() as db:
        assert db.scalar(select(Mail.id).where(Mail.created_at == moment)) is not None
        assert db.scalar(select(Mail.id).where(Mail.created_at < moment)) is None


def test_a_moment_without_a_zone_is_refused_and_none_stays_none(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"), database.writing() as db:
        queue_mail(db, "a@cafe.example", "s", "t", datetime(2026, 11, 22, 12))
    with database.writing() as db:
        queue_mail(db, "a@cafe.example", "s", "t", NOON)
    assert mails(database)[0].sent_at is None


def test_moments_are_ordered_as_they_passed(database: Database) -> None:
    moments = [NOON + timedelta(microseconds=step) for step in (0, 1, 10, 100_000, 1_000_000)]
    with database.writing() as db:
        for moment in reversed(moments):
            queue_mail(db, "a@cafe.example", "s", "t", moment)
    with database.reading() as db:
        assert list(db.scalars(select(Mail.created_at).order_by(Mail.created_at))) == moments


def test_a_choice_outside_its_list_is_refused_by_the_code_too(database: Database) -> None:
    from app.members.tables import RoleGrant

    cast = Cast(database)
    with pytest.raises((StatementError, LookupError)), database.writing() as db:
        db.add(RoleGrant(member_id=cast.anna.id, role="king", granted_at=NOON))
