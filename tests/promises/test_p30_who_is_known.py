"""P30: signing up, signing in and asking for a link say nothing of who has an account here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete, select

from app.kit.ids import new_id
from app.kit.mail import Mail
from app.kit.settings import Settings
from app.main import build
from app.members import passwords
from app.members.tables import Member
from tests.browser import Browser
from tests.cast import Cast
from tests.promises.test_p64_ground import Ground, the_ground, unconfirmed  # noqa: F401

Say = Callable[[str], None]
PASSWORD = "vier paarse fietsen zingen"
ROUNDS = 6


@dataclass
class Hashing:
    """Counts the slow work: what somebody with a stopwatch would see."""

    done: int = 0
    hasher: PasswordHasher = field(default_factory=lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def hash(self, password: bytes) -> str:
        self.done += 1
        return self.hasher.hash(password)

    def verify(self, kept: str, password: bytes) -> bool:
        self.done += 1
        return self.hasher.verify(kept, password)

    def check_needs_rehash(self, kept: str) -> bool:
        return self.hasher.check_needs_rehash(kept)


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashing]:
    hashing = Hashing()
    monkeypatch.setattr(passwords, "HASHER", hashing)
    passwords._nobodys_hash.cache_clear()
    passwords._nobodys_hash()
    yield hashing
    passwords._nobodys_hash.cache_clear()


@dataclass(frozen=True)
class Told:
    """All that an asker gets to see, and what it cost."""

    status: int
    headers: tuple[tuple[str, str], ...]
    page: str
    mails: int
    hashes: int


def asked(ground: Ground, hashing: Hashing, email: str, send: Callable[[Browser, str], Any]) -> Told:
    """What one request tells; the address itself and the form's token are masked."""
    with ground.cast.database.writing() as db:
        db.execute(delete(Mail))
    before = hashing.done
    answer = send(ground.fresh(None), email)
    with ground.cast.database.reading() as db:
        mails = list(db.scalars(select(Mail)))
    assert all(mail.recipient == email for mail in mails), "the mail goes to the address that was typed"
    page = re.sub(r'(name="(?:form_token|state)" value=")[^"]*', r"\1", answer.text).replace(email, "ADDRESS")
    headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name != "content-length"))
    return Told(answer.status_code, headers, page, len(mails), hashing.done - before)


def ways(ground: Ground) -> dict[str, Callable[[Browser, str], Any]]:
    sign_up = ground.filling("send_sign_up")
    return {
        "sign up": lambda one, email: one.post("/sign-up", {**sign_up, "email": email}),
        "sign up with a password": lambda one, email: one.post(
            "/sign-up", {**sign_up, "email": email, "password": PASSWORD}
        ),
        "sign in": lambda one, email: one.post("/sign-in", {"email": email, "password": "dit is niet de goede zin"}),
        "a link": lambda one, email: one.post("/sign-in", {"email": email, "link": "yes"}),
        "forgotten": lambda one, email: one.post("/sign-in/forgotten", {"email": email}),
    }


# An account with a password is refused one mail less and one hash more nowhere: each way has its own sums.
WORK = {"sign up": (1, 0), "sign up with a password": (1, 1), "sign in": (0, 1), "a link": (1, 0), "forgotten": (1, 0)}


def somebody(ground: Ground, kind: str) -> str:
    """The address of an account of this kind; or of none."""
    email = f"{new_id()}@voorbeeld.example"
    if kind == "unknown":
        return email
    with ground.cast.database.writing() as db:
        member = unconfirmed(db, f"Geesje {new_id()}", email)
        secret = ground.forum.state.settings.secret
        member.password_hash = passwords.hash_password(secret, PASSWORD) if "password" in kind else None
        if kind.startswith("confirmed"):
            member.confirmed_at, member.skeleton = member.joined_at, member.public_id
    return email


KINDS = ("confirmed", "confirmed with a password", "unconfirmed", "unconfirmed with a password")


def test_known_and_unknown_are_told_the_same(ground: Ground, hashing: Hashing, say: Say) -> None:
    pairs = 0
    for way, send in ways(ground).items():
        for _ in range(ROUNDS):
            unknown = asked(ground, hashing, somebody(ground, "unknown"), send)
            assert (unknown.mails, unknown.hashes) == WORK[way], way
            for kind in KINDS:
                known = asked(ground, hashing, somebody(ground, kind), send)
                assert known == unknown, (way, kind)
                pairs += 1
    say(f"P30: {pairs} pairs of known and unknown, {len(WORK)} ways to ask: the same page, headers, mails and hashes")


def test_asking_again_is_told_the_same(ground: Ground, hashing: Hashing, say: Say) -> None:
    """The second time an address is unconfirmed, or known, because of the first."""
    pairs = 0
    for way, send in ways(ground).items():
        unknown, known = somebody(ground, "unknown"), somebody(ground, "confirmed with a password")
        for _ in range(3):
            assert asked(ground, hashing, unknown, send) == asked(ground, hashing, known, send), way
            pairs += 1
    say(f"P30: {pairs} pairs of repeated requests: the same each time")


def test_too_many_is_told_the_same(settings: Settings, hashing: Hashing, say: Say) -> None:
    """With the real limits: the guess that is one too many is refused alike, for known and unknown."""
    forum = build(settings, with_postman=False)
    cast, codes = Cast(forum.state.database), {}
    cast.make_member("Geesje", password_hash=passwords.hash_password(settings.secret, PASSWORD))
    for who in ("geesje", "niemand"):
        one = Browser(forum)
        form = {"email": f"{who}@voorbeeld.example", "password": "dit is niet de goede zin"}
        codes[who] = [one.post("/sign-in", form).status_code for _ in range(7)]
    assert codes["geesje"] == codes["niemand"] == [422] * 5 + [429] * 2
    forum.state.database.close()
    say("P30: 2 × 7 wrong guesses: known and unknown are stopped at the same one")


def test_a_telling_answer_is_noticed(
    ground: Ground,
    hashing: Hashing,
    monkeypatch: pytest.MonkeyPatch,
    say: Say,
) -> None:
    """Control: each difference that a careless change would make."""
    from app.members import ask_link, routes

    def careless_link(db: Any, settings: Any, purpose: Any, email: str, asker: Any, now: Any) -> None:
        if db.scalar(select(Member.id).where(Member.email == email)) is not None:
            ask_link.ask_link(db, settings, purpose, email, asker, now)

    def careless_fits(secret: str, kept: str | None, password: str) -> bool:
        return kept is not None and real_fits(secret, kept, password)

    real_fits, all_ways, noticed = passwords.fits, ways(ground), 0
    monkeypatch.setattr(routes, "ask_link", careless_link)
    monkeypatch.setattr(passwords, "fits", careless_fits)
    for way in ("a link", "forgotten", "sign in"):
        known = asked(ground, hashing, somebody(ground, "confirmed with a password"), all_ways[way])
        noticed += known != asked(ground, hashing, somebody(ground, "unknown"), all_ways[way])
    assert noticed == 3
    say(f"P30 control: {noticed} of 3 planted tell-tales noticed")
