"""The mails to one address. No word about health, no board, no name of others: a mail may be read over a shoulder."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.kit.mail import queue_mail
from app.kit.pages import house_fill
from app.kit.settings import Settings
from app.kit.texts import standing


def queue_text(
    db: Session, settings: Settings, recipient: str, kind: str, language: str, now: datetime, **fill: object
) -> None:
    """Put the standing mail `mail.<kind>` in the outbox."""
    words = {
        **house_fill(settings),
        "groet": standing("mailblok.groet", language),
        "niet_jij": standing("mailblok.niet_jij", language),
        **fill,
    }
    subject = standing(f"mail.{kind}.onderwerp", language, **words)
    queue_mail(db, recipient, subject, standing(f"mail.{kind}.tekst", language, **words), now)
