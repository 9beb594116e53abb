"""What a member says yes to, kept with the version and the fingerprint of the words that were on the page."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit.pages import house_fill
from app.kit.settings import Settings
from app.kit.texts import standing
from app.members.tables import Consent, Purpose

# Raise these when the words change in meaning. The fingerprint shows any other change.
CONSENT_VERSION = "1"
RULES_VERSION = "1"
RULE_NUMBERS = range(1, 16)

_KEYS = {
    Purpose.AGE: ("aanmelden.begin.leeftijd",),
    Purpose.KEEP_HEALTH: ("toestemming.bewaren", "toestemming.bewaren_hulp"),
    Purpose.SHOW_POSTS: ("toestemming.tonen", "toestemming.tonen_hulp"),
    Purpose.HOUSE_RULES: (
        *(f"regel.{number}.{part}" for number in RULE_NUMBERS for part in ("titel", "tekst")),
        "aanmelden.regels.akkoord",
    ),
}


@dataclass(frozen=True)
class Yes:
    """One line of the page about consents."""

    purpose: Purpose
    text_version: str
    given_at: datetime
    withdrawn_at: datetime | None


def version_of(purpose: Purpose) -> str:
    return RULES_VERSION if purpose is Purpose.HOUSE_RULES else CONSENT_VERSION


def fingerprint(purpose: Purpose, language: str, settings: Settings) -> str:
    """The SHA-256 of the words that are shown for this purpose in this language today."""
    fill = house_fill(settings)
    return sha256("\n".join(standing(key, language, **fill) for key in _KEYS[purpose]).encode()).hexdigest()


def give(db: Session, member_id: int, purpose: Purpose, text_hash: str, now: datetime) -> None:
    """Keep a yes; one that stands already stays as it is."""
    if _standing_yes(db, member_id, purpose) is None:
        version = version_of(purpose)
        db.add(Consent(member_id=member_id, purpose=purpose, text_version=version, text_hash=text_hash, given_at=now))
        db.flush()


def withdraw(db: Session, member_id: int, purpose: Purpose, now: datetime) -> None:
    """Take a yes back. The row stays, as proof of what was agreed until now."""
    mine = Consent.member_id == member_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    db.execute(update(Consent).where(*mine).values(withdrawn_at=now))


def list_consents(db: Session, member_id: int) -> list[Yes]:
    """Every yes of a member, the oldest first, withdrawn ones too."""
    rows = db.scalars(select(Consent).where(Consent.member_id == member_id).order_by(Consent.given_at, Consent.id))
    return [Yes(row.purpose, row.text_version, row.given_at, row.withdrawn_at) for row in rows]


def _standing_yes(db: Session, member_id: int, purpose: Purpose) -> Consent | None:
    mine = Consent.member_id == member_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    return db.scalar(select(Consent).where(*mine).limit(1))
