"""Sign-up: four pages whose answers travel along in one signed field, and at the end one account.

The answer never tells whether an address is known. A known address gets a mail that says so, and for the rest the
same rows are written, under an address that no mail can reach; they go after seven days like every unconfirmed
account. Until an account is confirmed its pen name is nobody's: that would tell as well. And so is its address:
attempts with the same one live side by side, each with its own link, so that nobody can overwrite another's. The
first that is confirmed wins.
"""

from datetime import datetime
from typing import Self

from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.limits import hit
from app.kit.messages import N_
from app.kit.settings import Settings
from app.members import consent, names, passwords
from app.members.limits import LIMITS
from app.members.links import Asker, make_link
from app.members.mails import queue_text
from app.members.tables import LinkPurpose, Member, Purpose, Relation

STEPS = 4
STATE_SECONDS = 24 * 3600
# Nobody reads four pages in less; whatever does is a machine. Tests set it to 0.
MIN_FORM_SECONDS = 3

NAME_TAKEN = N_("This name is in use, or looks too much like one that is. Choose another one.")
_NOWHERE = "nowhere.invalid"  # a domain that can never exist (RFC 2606)


class SignUp(BaseModel):
    """What somebody answered so far. It is signed, not hidden: it only holds what they typed themselves."""

    model_config = ConfigDict(frozen=True)

    began_at: float
    said: dict[Purpose, str]  # what they said yes to, with the fingerprint of the words
    relation: Relation | None = None
    pseudonym: str = ""

    def saying(self, purpose: Purpose, language: str, settings: Settings) -> Self:
        """The same with one more yes."""
        text_hash = consent.fingerprint(purpose, language, settings)
        return self.model_copy(update={"said": {**self.said, purpose: text_hash}})

    @property
    def is_complete(self) -> bool:
        needed = {Purpose.AGE, Purpose.KEEP_HEALTH, Purpose.HOUSE_RULES}
        return self.relation is not None and bool(self.pseudonym) and needed <= set(self.said)


def carry(secret: str, sign_up: SignUp) -> str:
    """The answers so far as a signed text for a hidden field."""
    return _signer(secret).dumps(sign_up.model_dump(mode="json"))


def carried(secret: str, text: str) -> SignUp | None:
    """The answers from a hidden field; None when it is not ours or older than a day."""
    try:
        return SignUp.model_validate(_signer(secret).loads(text, max_age=STATE_SECONDS))
    except (BadSignature, ValidationError):
        return None


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="sign-up")


def problem_with_name(db: Session, name: str, cafe: str) -> str | None:
    """Why a pen name cannot be chosen, as a message id."""
    return names.problem_with(name, cafe) or (NAME_TAKEN if name_is_taken(db, name) else None)


def name_is_taken(db: Session, name: str) -> bool:
    return db.scalar(select(Member.id).where(Member.skeleton == names.skeleton(name))) is not None


def knock(database: Database, settings: Settings, email: str, password: str, network: str, now: datetime) -> str | None:
    """Count this sign-up and make the hash of its password (None without one: then there are only links by mail),
    while no transaction is open. Raises `TooMany` before the slow work is done."""
    with database.writing() as db:
        hit(db, LIMITS["sign_up_network"], network, now)
        hit(db, LIMITS["sign_up_address"], email, now)
    return passwords.hash_password(settings.secret, password) if password else None


def register(
    db: Session, settings: Settings, sign_up: SignUp, email: str, kept: str | None, asker: Asker, now: datetime
) -> None:
    """Make the account, its consents and the mail to confirm it; or, at a known address, do as much and tell its owner.
    `kept` comes from `knock`."""
    known = db.scalar(select(Member.id).where(Member.email == email, Member.confirmed_at.is_not(None))) is not None
    member = _unconfirmed(sign_up, f"{new_id()}@{_NOWHERE}" if known else email, kept, now)
    db.add(member)
    db.flush()
    for purpose, text_hash in sign_up.said.items():
        consent.give(db, member.id, purpose, text_hash, now)
    secret = make_link(db, member.id, LinkPurpose.CONFIRM, now)
    if known:
        queue_text(db, settings, email, "al_account", asker.language, now, link=asker.sign_in_page)
    else:
        link = asker.link_to(LinkPurpose.CONFIRM, secret)
        queue_text(db, settings, email, "bevestig_adres", asker.language, now, link=link)


def _unconfirmed(sign_up: SignUp, email: str, kept: str | None, now: datetime) -> Member:
    assert sign_up.relation is not None
    public_id = new_id()
    return Member(
        public_id=public_id,
        pseudonym=sign_up.pseudonym,
        skeleton=f"?{public_id}",  # the name itself becomes theirs when they confirm
        email=email,
        password_hash=kept,
        relation=sign_up.relation,
        joined_at=now,
    )
