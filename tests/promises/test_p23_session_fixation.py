"""P23: nobody can plant a session. Whoever comes in gets a fresh secret, and the one that was there before is dead."""

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

from sqlalchemy import select

from app.kit.ids import hash_of, new_secret
from app.members import passwords
from app.members.tables import Member, MemberSession
from tests.browser import Browser, forms_of
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]
PASSWORD = "vier paarse fietsen zingen"


def secrets_in(ground: Ground) -> set[str]:
    with ground.cast.database.reading() as db:
        return set(db.scalars(select(MemberSession.secret_hash)))


def is_in(ground: Ground, secret: str) -> bool:
    """Whether this cookie opens a member's page."""
    visitor = Browser(ground.forum)
    visitor.client.cookies.set(visitor.cookie, secret)
    return bool(visitor.get("/account").status_code == 200)


def send(one: Browser, path: str, **fields: str) -> Any:
    """Send a form with the token that stands on this visitor's own pages."""
    return one.post(path, fields, token=forms_of(one.read("/display"))[0]["fields"]["form_token"])


def given_by(answer: Any) -> str:
    """The secret that an answer sets."""
    return next(iter(SimpleCookie(answer.headers["set-cookie"]).values())).value


Way = tuple[str, Callable[[Browser], Any]]


def ways_in(ground: Ground) -> list[Way]:
    """Every way to come in as Bram, or as somebody whose account is confirmed by it."""
    with ground.cast.database.writing() as db:
        bram = db.get_one(Member, ground.cast.bram.id)
        bram.password_hash = passwords.hash_password(ground.forum.state.settings.secret, PASSWORD)
    mail = "bram@voorbeeld.example"
    return [
        ("password", lambda one: send(one, "/sign-in", email=mail, password=PASSWORD)),
        ("link", lambda one: send(one, f"/sign-in/link/{ground.link('send_link_sign_in')}")),
        ("confirm", lambda one: send(one, f"/confirm/{ground.link('send_confirm')}", pseudonym="")),
    ]


def test_a_planted_cookie_is_never_the_one_that_is_signed_in(ground: Ground, say: Say) -> None:
    tried = 0
    for name, come_in in ways_in(ground):
        planted = {
            "chosen by an attacker": "a" * 43,
            "long": "x" * 3000,
            "a dead one": new_secret(),
            "the attacker's own live session": ground.fresh(ground.cast.nora).person.secret,  # type: ignore[union-attr]
        }
        for what, secret in planted.items():
            victim = Browser(ground.forum)
            victim.client.cookies.set(victim.cookie, secret)
            before = secrets_in(ground)
            answer = come_in(victim)
            assert answer.status_code == 303, (name, what, answer.text)
            given = given_by(answer)
            assert given != secret and len(given) >= 43, (name, what)
            assert hash_of(given) in secrets_in(ground) - before, (name, what)
            assert hash_of(secret) not in secrets_in(ground), f"{name}: {what} lives on"
            assert is_in(ground, given) and not is_in(ground, secret), (name, what)
            tried += 1
    live = ground.fresh(ground.cast.nora).person
    assert live is not None and is_in(ground, live.secret), "control: a session that nobody ended does open the page"
    say(f"P23: {tried} sign-ins with a planted cookie: {tried} fresh secrets, 0 planted ones alive")


def test_a_changed_password_or_role_ends_the_old_sessions(ground: Ground, say: Say) -> None:
    cast = ground.cast
    elsewhere, here = ground.fresh(cast.anna).person, ground.fresh(cast.anna)
    assert elsewhere is not None and is_in(ground, elsewhere.secret)
    old = here.client.cookies[here.cookie]
    answer = here.post("/account/password", {"password": PASSWORD})
    given = given_by(answer)
    assert given != old and is_in(ground, given), "who changed it stays in, with a fresh secret"
    assert not is_in(ground, old) and not is_in(ground, elsewhere.secret)
    nora = ground.fresh(cast.nora).person
    assert nora is not None and is_in(ground, nora.secret)
    granted = ground.fresh(cast.ada).post(
        f"/administration/members/{nora.public_id}/roles/grant", {"role": "moderator"}
    )
    assert granted.status_code == 303 and not is_in(ground, nora.secret)
    gone = ground.fresh(cast.bram)
    secret = gone.client.cookies[gone.cookie]
    gone.post("/sign-out")
    assert not is_in(ground, secret), "signing out ends it on the server as well"
    say("P23: a new password, a new role and signing out: 4 of 4 old secrets dead")


def test_a_session_is_kept_as_a_hash_only(ground: Ground) -> None:
    secret = ground.fresh(ground.cast.anna).person
    assert secret is not None
    everything = repr(ground.rows())
    assert hash_of(secret.secret) in everything, "control"
    assert secret.secret not in everything
