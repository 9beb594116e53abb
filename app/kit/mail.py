"""Mail: written to the outbox in the same transaction as what it is about, and sent afterwards.

At least once, with a Message-ID that stays the same; posting never waits for a mail server. Without a mail server the
mail lands as files in `var/mail/`. Once sent, the body is dropped; a week later the address goes too.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import String, Text, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import clock
from app.kit.db import Base, Database, UtcDateTime
from app.kit.ids import new_id
from app.kit.settings import Settings

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # how long one worker has a mail to itself
MAX_ATTEMPTS = 12
KEPT = timedelta(days=7)  # long enough to look into "I got no mail"
SENDER_NAME = "Het café"  # neutral on purpose: a mail may be seen on a shared phone


class Mail(Base):
    """A mail that waits or was sent. `text` is empty once it is sent."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    attempt_count: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def queue_mail(db: Session, recipient: str, subject: str, text: str, now: datetime) -> Mail:
    """Put a mail in the outbox; it leaves after this transaction is committed, and not at all when it is undone."""
    mail = Mail(recipient=recipient, subject=" ".join(subject.split()), text=text, created_at=now, next_attempt_at=now)
    db.add(mail)
    return mail


def send_due(database: Database, settings: Settings, now: datetime) -> int:
    """Send what waits; answers how many were sent. What fails is tried again, later each time."""
    transport = _by_smtp(settings) if settings.smtp_host else _to_files(settings.var / "mail")
    sent = 0
    for mail_id in _waiting(database, now):
        mail = _claim(database, mail_id, now)
        if mail is None:
            continue
        try:
            transport(_message(mail, settings))
        except (OSError, smtplib.SMTPException, ValueError) as problem:  # ValueError: an address that fits no header
            _postpone(database, mail, now)
            log.warning(
                "mail %s did not leave (%s), attempt %d", mail.public_id, type(problem).__name__, mail.attempt_count
            )
        else:
            _mark_sent(database, mail_id, now)
            sent += 1
    return sent


def _waiting(database: Database, now: datetime) -> list[int]:
    with database.reading() as db:
        due = Mail.next_attempt_at.is_not(None), Mail.next_attempt_at <= now
        return list(db.scalars(select(Mail.id).where(*due).order_by(Mail.id).limit(100)))


def _claim(database: Database, mail_id: int, now: datetime) -> Mail | None:
    """Take a mail for a while, unless another worker was first."""
    with database.writing() as db:
        taken = db.execute(
            update(Mail)
            .where(Mail.id == mail_id, Mail.next_attempt_at <= now)
            .values(next_attempt_at=now + LEASE, attempt_count=Mail.attempt_count + 1)
            .returning(Mail)
        )
        return taken.scalar_one_or_none()


def _postpone(database: Database, mail: Mail, now: datetime) -> None:
    later = now + timedelta(seconds=min(30 * 2**mail.attempt_count, 6 * 3600))
    again = later if mail.attempt_count < MAX_ATTEMPTS else None
    with database.writing() as db:
        db.execute(update(Mail).where(Mail.id == mail.id).values(next_attempt_at=again))


def _mark_sent(database: Database, mail_id: int, now: datetime) -> None:
    with database.writing() as db:
        db.execute(update(Mail).where(Mail.id == mail_id).values(sent_at=now, next_attempt_at=None, text=""))


def forget_mail(db: Session, now: datetime) -> None:
    """Drop what was sent more than a week ago, and what is older than that and was given up: address, text and all."""
    long_ago = now - KEPT
    given_up = and_(Mail.sent_at.is_(None), Mail.next_attempt_at.is_(None), Mail.created_at < long_ago)
    db.execute(delete(Mail).where(or_(Mail.sent_at < long_ago, given_up)))


def _message(mail: Mail, settings: Settings) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{SENDER_NAME} <{settings.mail_from}>"
    if "=?" in mail.recipient:  # the library would decode it, and mail another address than was asked for
        raise ValueError("an encoded word in an address")
    message["To"] = mail.recipient
    message["Subject"] = mail.subject.replace("=?", "= ?")  # likewise: a decoded line end would begin a header
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.public_id}@{settings.mail_from.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


Transport = Callable[[EmailMessage], None]


def _by_smtp(settings: Settings) -> Transport:
    def send(message: EmailMessage) -> None:
        with _connect(settings) as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)

    return send


def _connect(settings: Settings) -> smtplib.SMTP:
    """A connection to the mail server. With TLS its certificate is checked: the library itself would take any."""
    if settings.smtp_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=20, context=context)
    return smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20)


def _to_files(folder: Path) -> Transport:
    def send(message: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        (folder / f"{name}.eml").write_bytes(message.as_bytes())

    return send


class Postman(Thread):
    """Sends the outbox every few seconds, beside the web server; one in each worker is fine."""

    def __init__(self, database: Database, settings: Settings, every: float = 2.0) -> None:
        super().__init__(name="postman", daemon=True)
        self._database, self._settings, self._every = database, settings, every
        self._stopped = Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                send_due(self._database, self._settings, clock.now())
            except Exception:  # the postman walks on whatever happens; the mail stays in the outbox
                log.exception("the postman stumbled")

    def stop(self) -> None:
        self._stopped.set()
        self.join(timeout=10)
