"""Choose another password. It ends every session and every link, and its owner gets a mail about it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.kit.pages import day
from app.kit.settings import Settings
from app.members import passwords
from app.members.limits import is_right
from app.members.links import drop_links_of
from app.members.mails import queue_text
from app.members.sessions import end_sessions_of
from app.members.tables import Member


def is_own_password(db: Session, secret: str, member: Member, password: str, now: datetime) -> bool:
    """Whether the member knows the password they have; true without one. Wrong ones count, so a borrowed device cannot
    try on and on."""
    if member.password_hash is None:
        return True
    knocks = [("password_change", member.id)]
    return is_right(db, knocks, lambda: passwords.fits(secret, member.password_hash, password), now)


def change_password(
    db: Session, settings: Settings, member: Member, password: str, language: str, link: str, now: datetime
) -> None:
    """Keep the new password. `link` leads to a page where who did not do this can ask for a new one."""
    member.password_hash = passwords.hash_password(settings.secret, password)
    end_sessions_of(db, member.id)
    drop_links_of(db, member.id)
    queue_text(
        db, settings, member.email, "wachtwoord_veranderd", language, now, datum=day(now, language), link=link
    )
    db.flush()
