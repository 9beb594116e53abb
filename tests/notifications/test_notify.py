"""Telling members: once, only who follows, and never of what is gone."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.members.viewer import GUEST, Viewer
from app.notifications.inbox import mark_read
from app.notifications.notify import announce_post, forget_post, notify
from app.notifications.tables import Notification, NotificationKind
from app.notifications.watching import is_watching, unwatch, watch
from tests.cast import Cast, thread_row

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
POST, LETTER = "p" * 20, "l" * 20


def unread(db: Session, member_id: int) -> int:
    """How many notifications of a member are not read; what of it they may see is tested with the inbox."""
    of_member = (Notification.member_id == member_id, Notification.read_at.is_(None))
    return db.scalar(select(func.count(Notification.id)).where(*of_member)) or 0


def test_twice_is_once(cast: Cast) -> None:
    with cast.database.writing() as db:
        for _ in range(2):
            notify(db, cast.anna.id, NotificationKind.LETTER, LETTER, NOW)
        notify(db, cast.bram.id, NotificationKind.LETTER, LETTER, NOW)
        assert db.scalar(select(func.count(Notification.id))) == 2
        assert unread(db, cast.anna.id) == 1


def test_who_follows_hears_once_and_the_writer_does_not(cast: Cast) -> None:
    public_id = cast.thread(author=cast.anna)
    with cast.database.writing() as db:
        thread = thread_row(db, public_id)
        for person in (cast.bram, cast.nora, cast.bram):
            watch(db, person.id, thread.id, NOW)
        unwatch(db, cast.nora.id, thread.id)
        assert is_watching(db, Viewer(cast.bram.id), thread.id)
        assert not is_watching(db, Viewer(cast.nora.id), thread.id)
        assert not is_watching(db, GUEST, thread.id)
        for _ in range(2):
            announce_post(db, thread.id, POST, cast.bram.id, NOW)
        told = db.scalars(select(Notification.member_id).where(Notification.about == POST)).all()
        assert told == [cast.anna.id]
        forget_post(db, POST)
        assert unread(db, cast.anna.id) == 0


def test_reading_marks_what_was_there_and_no_more(cast: Cast) -> None:
    with cast.database.writing() as db:
        notify(db, cast.anna.id, NotificationKind.LETTER, LETTER, NOW)
        notify(db, cast.anna.id, NotificationKind.REPLY, POST, NOW + timedelta(minutes=5))
        notify(db, cast.bram.id, NotificationKind.LETTER, LETTER, NOW)
        mark_read(db, cast.anna.id, NOW + timedelta(minutes=1), NOW + timedelta(hours=1))
        assert unread(db, cast.anna.id) == 1
        assert unread(db, cast.bram.id) == 1
