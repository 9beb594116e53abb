"""`cafe tidy`, once a day: what is past its time goes, what is not stays."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.cli import main
from app.kit import clock
from app.kit.limits import Counter
from app.kit.mail import Mail, queue_mail
from app.kit.settings import Settings
from app.members.tables import LinkPurpose, MailLink, Member, Relation
from app.threads.tables import Submission
from tests.cast import Cast

DAY = timedelta(days=1)


def test_tidy_drops_what_is_past_its_time(
    forum: FastAPI, settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, tables = clock.now(), (Mail, Submission, Member, MailLink, Counter)

    def rows() -> list[int]:
        with forum.state.database.reading() as db:
            return [db.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    def add(name: str, at: datetime) -> None:
        with forum.state.database.writing() as db:
            queue_mail(db, f"{name}@voorbeeld.example", name, "", at).next_attempt_at = None
            db.add(Submission(member_id=cast.anna.id, key=name, digest="", sent_at=at))
            db.add(
                Member(pseudonym=name, skeleton=name, email=name, relation=Relation.NAASTE, joined_at=at, display="")
            )
            db.add(MailLink(member_id=None, purpose=LinkPurpose.SIGN_IN, secret_hash=name, expires_at=at + 7 * DAY))
            db.add(Counter(key=name, window_ends_at=at + 7 * DAY, count=1))

    start = rows()
    add("old", now - 7 * DAY - timedelta(minutes=1))
    add("new", now - 6 * DAY)
    monkeypatch.setenv("CAFE_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CAFE_SECRET_KEY", settings.secret)
    assert main(["tidy"]) == 0
    assert rows() == [count + 1 for count in start]
