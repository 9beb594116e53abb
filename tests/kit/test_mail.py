"""The outbox: a mail leaves once its transaction is committed, is tried again when it fails, and keeps no words."""

import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from app.kit.db import Database
from app.kit.mail import LEASE, MAX_ATTEMPTS, SENDER_NAME, Mail, Postman, queue_mail, send_due
from app.kit.settings import Settings
from app.members.forms import AddressForm
from tests.mailbox import Mailbox, text_of

Say = Callable[[str], None]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANNA = "anna@voorbeeld.example"


@pytest.fixture
def by_mail(settings: Settings, mailbox: Mailbox) -> Settings:
    return settings.model_copy(update=mailbox.settings)


def queue(database: Database, recipient: str = ANNA, subject: str = "Bericht", text: str = "Hallo.") -> None:
    with database.writing() as db:
        queue_mail(db, recipient, subject, text, NOON)


def rows(database: Database) -> list[Mail]:
    with database.reading() as db:
        return list(db.scalars(select(Mail).order_by(Mail.id)))


def test_a_mail_is_sent_once_and_its_words_are_dropped(database: Database, by_mail: Settings, mailbox: Mailbox) -> None:
    queue(database, text="Kijk op https://cafe.example/confirm/geheim\nTot gauw, één keer.")
    assert send_due(database, by_mail, NOON) == 1
    mail = mailbox.latest(ANNA)
    assert text_of(mail).splitlines() == ["Kijk op https://cafe.example/confirm/geheim", "Tot gauw, één keer."]
    assert (str(mail["To"]), str(mail["Subject"])) == (ANNA, "Bericht")
    row = rows(database)[0]
    assert (row.text, row.sent_at, row.next_attempt_at) == ("", NOON, None)
    assert send_due(database, by_mail, NOON + timedelta(days=1)) == 0
    assert len(mailbox.messages) == 1


def test_the_headers_are_neutral_and_whole(database: Database, by_mail: Settings, mailbox: Mailbox) -> None:
    queue(database)
    send_due(database, by_mail, NOON)
    mail = mailbox.messages[0]
    assert sorted(name.lower() for name in mail) == [
        "auto-submitted", "content-transfer-encoding", "content-type", "date", "from", "message-id", "mime-version",
        "subject", "to",
    ]  # fmt: skip
    assert str(mail["From"]) == f"{SENDER_NAME} <cafe@cafe.example>" and mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["Message-ID"]) == f"<{rows(database)[0].public_id}@cafe.example>"
    assert mail["Date"].datetime == NOON
    assert mail.get_content_type() == "text/plain", "no HTML, so nothing is fetched and nothing tracks"


def test_what_is_undone_is_never_sent(database: Database, by_mail: Settings, mailbox: Mailbox) -> None:
    with pytest.raises(RuntimeError), database.writing() as db:
        queue_mail(db, ANNA, "Bericht", "Hallo.", NOON)
        db.flush()
        raise RuntimeError("the request failed")
    assert send_due(database, by_mail, NOON) == 0 and not mailbox.messages


def test_a_mail_that_fails_is_tried_again_later_each_time(
    database: Database, by_mail: Settings, mailbox: Mailbox, say: Say
) -> None:
    queue(database)
    mailbox.refusing = True
    now, waits, ids = NOON, [], set()
    for attempt in range(1, 4):
        assert send_due(database, by_mail, now) == 0
        row = rows(database)[0]
        assert row.attempt_count == attempt and row.text == "Hallo." and row.sent_at is None
        assert row.next_attempt_at is not None
        waits.append(row.next_attempt_at - now)
        ids.add(row.public_id)
        assert send_due(database, by_mail, row.next_attempt_at - timedelta(seconds=1)) == 0, "not before its time"
        assert rows(database)[0].attempt_count == attempt
        now = row.next_attempt_at
    assert waits == sorted(waits) and waits[0] < waits[-1]
    mailbox.refusing = False
    assert send_due(database, by_mail, now) == 1 and len(ids) == 1
    assert str(mailbox.messages[0]["Message-ID"]) == f"<{ids.pop()}@cafe.example>", "the same mail, not a new one"
    say(f"mail: refused {len(waits)} times, after {[int(wait.total_seconds()) for wait in waits]} s sent once")


def test_a_mail_server_that_is_gone_costs_nothing_but_time(database: Database, settings: Settings) -> None:
    nobody = settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_security": "none"})
    queue(database)
    queue(database, "bram@voorbeeld.example")
    assert send_due(database, nobody, NOON) == 0
    assert [row.attempt_count for row in rows(database)] == [1, 1], "the second one had its turn"


def test_one_gives_up_in_the_end_and_keeps_the_mail(database: Database, by_mail: Settings, mailbox: Mailbox) -> None:
    queue(database)
    mailbox.refusing = True
    now = NOON
    for _ in range(MAX_ATTEMPTS + 3):
        send_due(database, by_mail, now)
        now += timedelta(hours=7)
    row = rows(database)[0]
    assert (row.attempt_count, row.next_attempt_at, row.sent_at, row.text) == (MAX_ATTEMPTS, None, None, "Hallo.")


def test_one_odd_mail_does_not_hold_up_the_others(
    database: Database, by_mail: Settings, mailbox: Mailbox, say: Say
) -> None:
    odd = ["anna\r\nBcc: eve@evil.example", "geen adres", "anna@\u202evoorbeeld.example"]
    odd += ["=?utf-8?q?eve=40evil=2Eexample=2C?=@voorbeeld.example", "=?utf-8?q?a=0D=0ABcc=3Aeve=40evil=2Enl?=@x.nl"]
    for recipient in odd:
        queue(database, recipient)
    queue(database, ANNA)
    send_due(database, by_mail, NOON)
    assert len(mailbox.to(ANNA)) >= 1, "the good one arrived in the same round"
    assert not [one for one in mailbox.messages if "evil" in str(one) or one["Bcc"]]
    say(f"mail: {len(odd)} odd addresses, and the mail after them arrived")


@pytest.mark.parametrize(
    "subject",
    [
        "Hallo\r\nBcc: eve@evil.example",
        "Hallo\nBcc: eve@evil.example",
        "Hallo\r\n\r\nEen ander bericht",
        "Hallo\rX-Eve: 1",
        "Hallo\x0bBcc: eve@evil.example",
        "Hallo\u2028Bcc: eve@evil.example",
        "Hallo\x85Bcc: eve@evil.example",
        "=?utf-8?q?Hallo=0D=0ABcc:_eve@evil.example?=",
    ],
)
def test_a_subject_makes_no_header(database: Database, by_mail: Settings, mailbox: Mailbox, subject: str) -> None:
    queue(database, subject=subject)
    send_due(database, by_mail, NOON)
    for mail in mailbox.messages:
        assert mail["Bcc"] is None and mail["X-Eve"] is None
        assert str(mail["To"]) == ANNA
        assert text_of(mail).strip() == "Hallo."
        raw = message_from_bytes(mail.as_bytes(), policy=default)
        assert "bcc" not in {name.lower() for name in raw}


@pytest.mark.parametrize("text", ["a\r\n.\r\nMAIL FROM:<x>", ".", "..\n.\n", "Subject: x\n\nb", "é" * 2000])
def test_a_text_stays_a_text(database: Database, by_mail: Settings, mailbox: Mailbox, text: str) -> None:
    queue(database, text=text)
    assert send_due(database, by_mail, NOON) == 1 and len(mailbox.messages) == 1
    assert text_of(mailbox.messages[0]).splitlines() == text.splitlines()
    assert str(mailbox.messages[0]["Subject"]) == "Bericht"


def test_several_postmen_send_each_mail_once(database: Database, by_mail: Settings, mailbox: Mailbox, say: Say) -> None:
    for number in range(20):
        queue(database, f"lid{number}@voorbeeld.example")
    with ThreadPoolExecutor(4) as postmen:
        sent = sum(postmen.map(lambda _: send_due(database, by_mail, NOON), range(4)))
    assert sent == len(mailbox.messages) == 20
    assert len({str(one["To"]) for one in mailbox.messages}) == 20
    say("mail: 4 postmen at once, 20 mails, each sent once")


def test_a_mail_whose_postman_died_is_sent_by_the_next(
    database: Database, by_mail: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: after the lease another takes it, under the same Message-ID."""
    queue(database)
    with monkeypatch.context() as patch:
        patch.setattr("app.kit.mail._mark_sent", _die)
        with pytest.raises(KeyboardInterrupt):
            send_due(database, by_mail, NOON)
    assert send_due(database, by_mail, NOON + LEASE - timedelta(seconds=1)) == 0, "nobody else touches it meanwhile"
    assert send_due(database, by_mail, NOON + LEASE) == 1
    assert len({str(one["Message-ID"]) for one in mailbox.messages}) == 1 and len(mailbox.messages) == 2


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_without_a_mail_server_mail_lands_as_files(database: Database, settings: Settings) -> None:
    queue(database, text="Hallo één.")
    assert send_due(database, settings, NOON) == 1
    files = list((settings.var / "mail").iterdir())
    assert [file.name for file in files] == [f"{rows(database)[0].public_id}.eml"]
    mail = message_from_bytes(files[0].read_bytes(), policy=default)
    assert (str(mail["To"]), mail.get_content().strip()) == (ANNA, "Hallo één.")  # type: ignore[attr-defined]
    assert rows(database)[0].text == ""


def test_the_postman_walks_by_himself_and_stops_when_told(
    database: Database, by_mail: Settings, mailbox: Mailbox
) -> None:
    postman = Postman(database, by_mail, every=0.02)
    postman.start()
    queue(database)
    assert mailbox.latest(ANNA)
    postman.stop()
    assert not postman.is_alive()
    queue(database)
    assert len(mailbox.messages) == 1


def test_a_certificate_is_checked(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS from the start and with STARTTLS: Python itself would take any certificate for the first."""
    contexts: list[ssl.SSLContext] = []

    class Stub(smtplib.SMTP):
        def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext | None = None) -> None:
            if context is not None:
                contexts.append(context)

        def starttls(self, *, context: ssl.SSLContext) -> None:  # type: ignore[override]
            contexts.append(context)

        def send_message(self, *_: object) -> None:  # type: ignore[override]
            pass

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(smtplib, "SMTP_SSL", Stub)
    monkeypatch.setattr(smtplib, "SMTP", Stub)
    for security in ("tls", "starttls"):
        queue(database)
        send_due(database, settings.model_copy(update={"smtp_host": "mail.example", "smtp_security": security}), NOON)
    assert [(one.verify_mode, one.check_hostname) for one in contexts] == [(ssl.CERT_REQUIRED, True)] * 2


@pytest.mark.parametrize(
    "word", ["=?utf-8?q?eve=40evil=2Eexample=2C?=", "=?utf-8?b?ZXZlQGV2aWwubmws?=", "a=?us-ascii?q?b?="]
)
def test_an_address_with_another_one_in_it_is_refused_at_the_door(word: str) -> None:
    with pytest.raises(ValidationError):
        AddressForm(email=f"{word}@voorbeeld.example")
    assert AddressForm(email="a=b+c@voorbeeld.example").email == "a=b+c@voorbeeld.example", "control"
