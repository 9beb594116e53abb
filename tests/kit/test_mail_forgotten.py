"""The outbox forgets: what was sent after a week, and what could not be sent as well."""

from datetime import timedelta

from sqlalchemy import select

from app.kit import clock
from app.kit.db import Database
from app.kit.mail import KEPT, MAX_ATTEMPTS, Mail, forget_mail, queue_mail, send_due
from app.kit.settings import Settings

SECOND = timedelta(seconds=1)


def left(database: Database) -> set[str]:
    with database.reading() as db:
        return set(db.scalars(select(Mail.subject)))


def test_sent_mail_is_forgotten_after_a_week(database: Database, settings: Settings) -> None:
    now = clock.now()
    with database.writing() as db:
        queue_mail(db, "wilg@voorbeeld.example", "sent", "Dag", now - timedelta(days=30))
        queue_mail(db, "berk@voorbeeld.example", "waits", "Dag", now).next_attempt_at = now + timedelta(days=9)
    assert send_due(database, settings, now) == 1
    for later, expected in ((KEPT, {"sent", "waits"}), (KEPT + SECOND, {"waits"})):
        with database.writing() as db:
            forget_mail(db, now + later)
        assert left(database) == expected


def test_mail_that_was_given_up_is_forgotten_too(database: Database, settings: Settings) -> None:
    now = clock.now()
    nobody_home = settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": 1})
    with database.writing() as db:
        queue_mail(db, "wilg@voorbeeld.example", "no way", "Dag", now).attempt_count = MAX_ATTEMPTS - 2
    for attempt in (1, 2):
        with database.writing() as db:
            forget_mail(db, now + KEPT + SECOND)
        assert left(database) == {"no way"}, "whatever is still tried, stays"
        assert send_due(database, nobody_home, now + attempt * timedelta(hours=7)) == 0
    for later, expected in ((KEPT, {"no way"}), (KEPT + SECOND, set())):
        with database.writing() as db:
            forget_mail(db, now + later)
        assert left(database) == expected
