"""Ask for a link by mail: to sign in, or to choose a new password."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.limits import hit
from app.kit.settings import Settings
from app.members.limits import LIMITS
from app.members.links import Asker, make_link
from app.members.mails import queue_text
from app.members.tables import LinkPurpose, Member

_KINDS = {
    LinkPurpose.CONFIRM: "bevestig_adres",
    LinkPurpose.SIGN_IN: "inloglink",
    LinkPurpose.NEW_PASSWORD: "wachtwoord_nieuw",
}


def ask_link(db: Session, settings: Settings, purpose: LinkPurpose, email: str, asker: Asker, now: datetime) -> None:
    """Mail a link of this purpose, whoever asks. An account that was not confirmed yet gets the link for that instead
    (of several attempts, the last); an address without an account hears that it has none. Each is one link and one
    mail. The strict limit is for one address from one network, so that others cannot keep a member from asking."""
    hit(db, LIMITS["link_network"], asker.network, now)
    hit(db, LIMITS["link_here"], f"{email} {asker.network}", now)
    hit(db, LIMITS["link_address"], email, now)
    member = db.scalar(
        select(Member).where(Member.email == email).order_by(Member.confirmed_at.is_(None), Member.id.desc()).limit(1)
    )
    if member is not None and member.confirmed_at is None:
        purpose = LinkPurpose.CONFIRM
    secret = make_link(db, member.id if member else None, purpose, now)
    kind = _KINDS[purpose] if member else "geen_account"
    queue_text(db, settings, email, kind, asker.language, now, link=asker.link_to(purpose, secret))
