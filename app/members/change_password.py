"""Choose another password. It ends every session and every link, and its owner gets a mail about it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.kit.db import Database
from app.kit.pages import day
from app.kit.settings import Settings
from app.members import passwords
from app.members.limits import is_right
from app.members.links import drop_links_of
from app.members.mails import queue_text
from app.members.sessions import end_sessions_of
from app.members.tables import Member


def is_own_password(
    database: Database, secret: str, member_id: int, kept: str | None, password: str, now: datetime
) -> bool:
    """Whether the member knows the password they have, of which `kept` is kept; true without one. Wrong ones count,
    so a borrowed device cannot try on and on."""
    if kept is None:
        return True
    return is_right(database, [("password_change", member_id)], lambda: passwords.fits(secret, kept, password), now)


def change_password(
    db: Session, settings: Settings, member: Member, kept: str, language: str, link: str, now: datetime
) -> None:
    """Keep the hash of the new password, made before this transaction began. `link` leads to a page where who did not
    do this can ask for a new one."""
    member.password_hash = kept
    end_sessions_of(db, member.id)
    drop_links_of(db, member.id)
    queue_text(db, settings, member.email, "wachtwoord_veranderd", language, now, datum=day(now, language), link=link)
    db.flush()
