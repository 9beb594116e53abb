"""Coming in and going out (promises P23, P24, P27, P28, P30, P31, P33, P34, D8, D9)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError

from app.kit import clock
from app.kit.db import Database
from app.kit.errors import TooMany
from app.kit.ids import hash_of, new_secret
from app.kit.limits import Counter as Count
from app.kit.limits import hit
from app.members import admit, passwords
from app.members.admit import check_password
from app.members.ask_link import ask_link
from app.members.limits import LIMITS, Limit
from app.members.links import Asker
from app.members.tables import LinkPurpose, MailLink, Member, MemberSession, Role
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import BASE_URL, SECRET
from tests.members.conftest import SENTENCE, Joining, Outbox, cookies_set, on_the_device_of, press, sign_in
from tests.members.test_return_to import hostile

pytestmark = pytest.mark.usefixtures("cheap")

NEW_SENTENCE = "vier eekhoorns op een steiger"
WINDOWS_FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
MAIL = "wilg@voorbeeld.example"


@pytest.fixture
def wilg(cast: Cast) -> Person:
    """A member with a password, signed in on one device."""
    return cast.make_member("Wilg", password_hash=passwords.hash_password(SECRET, SENTENCE))


def sessions_of(forum: FastAPI, person: Person) -> list[MemberSession]:
    with forum.state.database.reading() as db:
        return list(db.scalars(select(MemberSession).where(MemberSession.member_id == person.id)))


def is_in(browser: Browser) -> bool:
    return bool(browser.get("/account").status_code == 200)


def without_tokens(html: str) -> str:
    """A page without what differs by itself: the form's token, and the address that was typed."""
    return re.sub(r'value="[^"]*"', "", html)


# --- with a password -------------------------------------------------------------------------------------------------


def test_the_right_password_lets_in_with_a_locked_cookie(browser: Browser, wilg: Person, forum: FastAPI) -> None:
    answer = browser.post("/sign-in", {"email": " WILG@voorbeeld.example", "password": SENTENCE},
                          headers={"user-agent": WINDOWS_FIREFOX})  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = cookies_set(answer)
    name, *flags = [part.strip() for part in cookie.split(";")]
    assert name.startswith("__Host-s=")
    assert {flag.lower() for flag in flags} == {"secure", "httponly", "samesite=lax", "path=/", "max-age=2592000"}
    assert is_in(browser)
    assert "Firefox op Windows" in browser.read("/account/devices")
    kept = sessions_of(forum, wilg)[-1]
    assert kept.secret_hash == hash_of(name.partition("=")[2]) and WINDOWS_FIREFOX not in kept.device


def test_over_plain_http_on_this_machine_the_cookie_is_not_secure(settings: Any) -> None:
    from app.main import build

    forum = build(settings.model_copy(update={"base_url": "http://127.0.0.1:8000"}), with_postman=False)
    cast = Cast(forum.state.database)
    cast.make_member("Wilg", password_hash=passwords.hash_password(SECRET, SENTENCE))
    (cookie,) = cookies_set(sign_in(Browser(forum), MAIL))
    assert cookie.startswith("s=") and "secure" not in cookie.lower() and "HttpOnly" in cookie
    forum.state.database.close()


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    browser: Browser, wilg: Person, cast: Cast, forum: FastAPI, say: Callable[[str], None]
) -> None:
    nobody, without_password = "niemand@voorbeeld.example", "anna@voorbeeld.example"
    tries = [(MAIL, "een heel andere zin"), (nobody, SENTENCE), (without_password, SENTENCE)]
    with forum.state.database.writing() as db:
        db.execute(update(Member).where(Member.email == "bram@voorbeeld.example").values(confirmed_at=None))
    tries.append(("bram@voorbeeld.example", SENTENCE))
    answers = [sign_in(browser.as_(None), *one) for one in tries]
    assert {one.status_code for one in answers} == {422}
    assert len({without_tokens(one.text) for one in answers}) == 1
    assert all("horen niet bij elkaar" in one.text and not cookies_set(one) for one in answers)
    right = sign_in(browser.as_(None), MAIL)
    assert right.status_code == 303, "control: the right one does let in"
    say(f"P30: 1 answer for {len(tries)} kinds of wrong sign-in")


def test_an_unknown_address_costs_a_hash_too(browser: Browser, wilg: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            checked.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(memory_cost=64, time_cost=1, parallelism=1))
    for email in (MAIL, "niemand@voorbeeld.example"):
        sign_in(browser.as_(None), email, "een heel andere zin")
    assert len(checked) == 2


def test_old_costs_are_renewed_when_somebody_signs_in(
    browser: Browser, wilg: Person, forum: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(memory_cost=128, time_cost=1, parallelism=1))
    assert sign_in(browser, MAIL).status_code == 303
    with forum.state.database.reading() as db:
        kept = db.scalars(select(Member.password_hash).where(Member.id == wilg.id)).one()
    assert kept is not None and "m=128," in kept
    assert sign_in(browser.as_(None), MAIL).status_code == 303


def test_an_empty_form_is_told_what_is_missing(browser: Browser) -> None:
    answer = browser.post("/sign-in", {"email": "geen adres", "password": ""})
    assert answer.status_code == 422 and 'id="field-email-error"' in answer.text


# --- where to afterwards ---------------------------------------------------------------------------------------------


def test_signing_in_leads_back_to_where_one_was(browser: Browser, wilg: Person) -> None:
    first = browser.get("/account/devices")
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in?next=%2Faccount%2Fdevices")
    answer = browser.submit(first.headers["location"], "/sign-in", email=MAIL, password=SENTENCE)
    assert answer.headers["location"] == "/account/devices"
    assert browser.get("/sign-in?next=/account").headers["location"] == "/account", "who is in goes on at once"


def test_no_next_leads_off_our_pages(browser: Browser, wilg: Person, say: Callable[[str], None]) -> None:
    tried = hostile()[::9]
    places = {sign_in(browser.as_(None), MAIL, next=path).headers["location"] for path in tried}
    assert places == {"/"}
    guests = [browser.client.get("/sign-in", params={"next": path}) for path in hostile()[::3]]
    assert {one.status_code for one in guests} <= {200, 400}, "some are too odd to be read at all"
    assert all('name="next" value=""' in one.text for one in guests if one.status_code == 200)
    say(f"P27: 0 of {len(tried)} signed-in and {len(guests)} asked pages lead away")


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_planted_cookie_is_not_taken_over(browser: Browser, wilg: Person, cast: Cast, forum: FastAPI) -> None:
    planted = replace(wilg, secret="planted-by-somebody-else")
    made_up = on_the_device_of(browser, planted)
    answer = sign_in(made_up, MAIL, form_token=forum.state.form_tokens.make(None))
    assert answer.status_code == 303 and planted.secret not in cookies_set(answer)[0]
    assert is_in(made_up) and not is_in(on_the_device_of(browser, planted))
    real = on_the_device_of(browser, cast.bram)  # a session of the attacker's own, in the victim's browser
    assert sign_in(real, MAIL).status_code == 303
    assert real.client.cookies.get(real.cookie) != cast.bram.secret
    assert "Wilg" in real.read("/account")
    assert not is_in(browser.as_(cast.bram)), "what was planted is dead"


def test_signing_in_again_gives_a_new_secret_and_ends_the_old(browser: Browser, wilg: Person) -> None:
    mine = on_the_device_of(browser, wilg)
    assert sign_in(mine, MAIL).status_code == 303
    assert mine.client.cookies.get(mine.cookie) != wilg.secret
    assert is_in(mine) and not is_in(on_the_device_of(browser, wilg))


def test_a_session_lasts_thirty_days_and_a_key_one(browser: Browser, cast: Cast, forum: FastAPI) -> None:
    kept = passwords.hash_password(SECRET, SENTENCE)
    for role, lasts in ((None, 30), (Role.GREETER, 30), (Role.MODERATOR, 1), (Role.ADMINISTRATOR, 1)):
        person = cast.make_member(f"Lid-{role}", role=role, password_hash=kept)
        now = clock.now()
        assert sign_in(browser.as_(None), f"lid-{role}@voorbeeld.example").status_code == 303
        ends = max(one.expires_at for one in sessions_of(forum, person))
        assert abs(ends - now - timedelta(days=lasts)) < timedelta(minutes=1)


def test_signing_out_leaves_nothing(browser: Browser, wilg: Person, forum: FastAPI) -> None:
    mine = on_the_device_of(browser, wilg)
    answer = mine.submit("/account", "/sign-out")
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert "Max-Age=0" in cookies_set(answer)[0] and "Secure" in cookies_set(answer)[0]
    assert not sessions_of(forum, wilg) and not is_in(on_the_device_of(browser, wilg))


def test_a_guest_gets_no_cookie(browser: Browser, cast: Cast, say: Callable[[str], None]) -> None:
    paths = ["/", "/sign-in", "/sign-up", "/sign-in/forgotten", "/sign-in/sent", "/sign-up/sent", "/confirm/x"]
    assert not any(cookies_set(browser.get(path)) for path in paths)
    say(f"P24: 0 cookies for a guest on {len(paths)} pages")


def test_devices_are_listed_and_ended_one_by_one(browser: Browser, wilg: Person, cast: Cast, forum: FastAPI) -> None:
    phone = browser.as_(None)
    phone.post("/sign-in", {"email": MAIL, "password": SENTENCE}, headers={"user-agent": WINDOWS_FIREFOX})
    mine = on_the_device_of(browser, wilg)
    page = mine.read("/account/devices")
    assert "Firefox op Windows" in page and page.count("dit apparaat") == 1
    (other,) = set(re.findall(r"/account/devices/([a-z2-7]{20})/end", page))
    assert browser.as_(cast.bram).post(f"/account/devices/{other}/end").status_code == 404, "not somebody else's"
    assert is_in(phone)
    assert mine.submit("/account/devices", f"/account/devices/{other}/end").status_code == 303
    assert not is_in(phone) and is_in(mine)


def test_out_everywhere_is_everywhere(browser: Browser, wilg: Person, forum: FastAPI) -> None:
    phone = browser.as_(None)
    sign_in(phone, MAIL)
    mine = on_the_device_of(browser, wilg)
    assert mine.submit("/account/devices", "/account/devices/end").status_code == 303
    assert not is_in(phone) and not is_in(on_the_device_of(browser, wilg)) and not sessions_of(forum, wilg)


# --- links by mail ---------------------------------------------------------------------------------------------------


def ask(browser: Browser, email: str = MAIL) -> Any:
    return browser.post("/sign-in", {"email": email, "link": "1"})


def test_a_link_signs_in_once_and_only_when_pressed(
    browser: Browser, wilg: Person, outbox: Outbox, forum: FastAPI
) -> None:
    assert ask(browser).headers["location"] == "/sign-in/sent"
    link = outbox.link(MAIL)
    before = len(sessions_of(forum, wilg))
    for _ in range(3):  # a mail scanner
        assert browser.get(link).status_code == 200
        browser.client.head(link)
    assert len(sessions_of(forum, wilg)) == before
    assert press(browser, link).status_code == 303 and is_in(browser)
    again = browser.as_(None).post(link)
    assert again.status_code == 410 and "Deze link werkt niet meer" in again.text and not cookies_set(again)


def test_a_link_is_kept_as_a_hash_and_is_long(browser: Browser, wilg: Person, outbox: Outbox, forum: FastAPI) -> None:
    ask(browser)
    secret = outbox.link(MAIL).rpartition("/")[2]
    assert len(secret) == 43
    with forum.state.database.reading() as db:
        assert db.scalars(select(MailLink.secret_hash)).all() == [hash_of(secret)]


@pytest.mark.parametrize(("purpose", "minutes"), [("sign_in", 60), ("new_password", 60), ("confirm", 24 * 60)])
def test_a_link_works_for_its_time(browser: Browser, wilg: Person, forum: FastAPI, purpose: str, minutes: int) -> None:
    from app.members.links import make_link, member_behind

    now = clock.now()
    with forum.state.database.writing() as db:
        if purpose == "confirm":
            db.execute(update(Member).where(Member.id == wilg.id).values(confirmed_at=None))
        secret = make_link(db, wilg.id, LinkPurpose(purpose), now)
        for late, works in ((minutes - 1, True), (minutes, False)):
            found = member_behind(db, secret, LinkPurpose(purpose), now + timedelta(minutes=late))
            assert (found is not None) is works


def test_a_link_does_one_thing(browser: Browser, wilg: Person, outbox: Outbox, say: Callable[[str], None]) -> None:
    ask(browser)
    sign_in_link = outbox.link(MAIL)
    browser.post("/sign-in/forgotten", {"email": MAIL})
    password_link = outbox.link(MAIL)
    tried = 0
    for link in (sign_in_link, password_link):
        front, _, secret = link.rpartition("/")
        for other in {"/sign-in/link", "/new-password", "/confirm"} - {front}:
            tried += 1
            assert browser.get(f"{other}/{secret}").status_code == 410
            assert browser.post(f"{other}/{secret}", {"password": NEW_SENTENCE}).status_code == 410
    assert browser.get(sign_in_link).status_code == browser.get(password_link).status_code == 200, "control"
    say(f"P34: 0 of {tried} links served another purpose")


def test_asking_for_a_link_says_nothing_about_the_address(
    browser: Browser, wilg: Person, outbox: Outbox, forum: FastAPI, cast: Cast
) -> None:
    def rows() -> int:
        with forum.state.database.reading() as db:
            return len(db.scalars(select(MailLink)).all())

    with forum.state.database.writing() as db:
        db.execute(update(Member).where(Member.id == cast.bram.id).values(confirmed_at=None))
    for path, extra in (("/sign-in", {"link": "1"}), ("/sign-in/forgotten", {})):
        answers = []
        for email in (MAIL, "niemand@voorbeeld.example", "bram@voorbeeld.example"):
            links, mails = rows(), len(outbox.to(email))
            answers.append(browser.as_(None).post(path, {"email": email, **extra}))
            assert (rows(), len(outbox.to(email))) == (links + 1, mails + 1), "the same work"
        assert {one.status_code for one in answers} == {303}
        assert len({(one.content, str(one.headers)) for one in answers}) == 1
    assert "geen account" in outbox.to("niemand@voorbeeld.example")[-1].subject
    assert outbox.link("bram@voorbeeld.example").startswith("/confirm/")
    with forum.state.database.reading() as db:
        nobodys = db.scalars(select(MailLink.member_id).where(MailLink.member_id.is_(None))).all()
    assert len(nobodys) == 2


def test_mails_lead_to_our_own_address_whatever_host_was_asked(browser: Browser, wilg: Person, outbox: Outbox) -> None:
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    assert browser.post("/sign-in", {"email": MAIL, "link": "1"}, headers=forged).status_code == 400
    browser.post("/sign-in", {"email": MAIL, "link": "1"}, headers={"x-forwarded-host": "evil.example"})
    (mail,) = outbox.to(MAIL)
    assert re.findall(r"https?://[^/\s]+", mail.text) == [BASE_URL]


# --- another password ------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_chosen_anew(browser: Browser, wilg: Person, outbox: Outbox, forum: FastAPI) -> None:
    ask(browser)
    old_link = outbox.link(MAIL)
    browser.post("/sign-in/forgotten", {"email": MAIL})
    link = outbox.link(MAIL)
    assert press(browser, link, password="te kort").status_code == 422
    made = press(browser, link, make="1")
    assert made.status_code == 200 and 'name="password" type="text"' in made.text
    answer = press(browser, link, password=NEW_SENTENCE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?said=sign_in")
    assert "Je nieuwe wachtwoord werkt" in browser.read("/sign-in?said=sign_in")
    assert not sessions_of(forum, wilg), "every device is signed out"
    assert browser.post(link, {"password": SENTENCE}).status_code == 410
    assert browser.get(old_link).status_code == 410, "every link is dead"
    assert sign_in(browser.as_(None), MAIL).status_code == 422
    assert sign_in(browser.as_(None), MAIL, NEW_SENTENCE).status_code == 303
    assert "veranderd" in outbox.to(MAIL)[-1].subject


def test_changing_the_password_ends_all_else(browser: Browser, wilg: Person, outbox: Outbox, forum: FastAPI) -> None:
    phone, mine = browser.as_(None), on_the_device_of(browser, wilg)
    sign_in(phone, MAIL)
    ask(browser)
    link = outbox.link(MAIL)
    wrong = mine.post("/account/password", {"current_password": "een andere zin hoor", "password": NEW_SENTENCE})
    assert wrong.status_code == 422 and is_in(phone)
    answer = mine.submit("/account/password", "/account/password", current_password=SENTENCE, password=NEW_SENTENCE)
    assert answer.status_code == 303
    assert is_in(mine) and mine.client.cookies.get(mine.cookie) != wilg.secret, "a new secret for this device"
    assert not is_in(phone) and not is_in(on_the_device_of(browser, wilg)) and len(sessions_of(forum, wilg)) == 1
    assert browser.get(link).status_code == 410
    assert sign_in(browser.as_(None), MAIL).status_code == 422
    assert "veranderd" in outbox.to(MAIL)[-1].subject


def test_who_has_no_password_may_choose_one(browser: Browser, cast: Cast) -> None:
    anna = browser.as_(cast.anna)
    page = anna.read("/account/password")
    assert "Je hebt nog geen wachtwoord" in page and "current_password" not in page
    assert anna.submit("/account/password", "/account/password", password=NEW_SENTENCE).status_code == 303
    assert sign_in(browser.as_(None), "anna@voorbeeld.example", NEW_SENTENCE).status_code == 303


# --- limits ----------------------------------------------------------------------------------------------------------


def test_guessing_stops_at_five_and_the_right_one_does_not_count(
    browser: Browser, wilg: Person, say: Callable[[str], None]
) -> None:
    for _ in range(7):
        assert sign_in(browser.as_(None), MAIL).status_code == 303
    wrong = [sign_in(browser.as_(None), MAIL, "een heel andere zin").status_code for _ in range(8)]
    assert wrong == [422] * 5 + [429] * 3
    unknown = [sign_in(browser.as_(None), "niemand@voorbeeld.example", "zomaar een zin").status_code for _ in range(8)]
    assert unknown == wrong, "an unknown address is counted alike"
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert sign_in(browser.as_(None), MAIL).status_code == 303
    say("P31: 5 of 8 wrong guesses looked at in a quarter, 7 of 7 right ones let in")


def test_nobody_can_lock_a_member_out(forum: FastAPI, wilg: Person, say: Callable[[str], None]) -> None:
    """Guesses from elsewhere do not stop the member at home; and there is always the link by mail."""
    database, looked_at, refused = forum.state.database, 0, 0
    for number in range(130):
        network, now = f"10.0.{number}.0/24", clock.now()
        try:
            assert check_password(database, SECRET, MAIL, "een heel andere zin", network, now) is None
            looked_at += 1
        except TooMany:
            refused += 1
        if number == 50:
            at_home = check_password(database, SECRET, MAIL, SENTENCE, "192.168.1.0/24", now)
            assert at_home is not None and at_home.member_id == wilg.id
    assert (looked_at, refused) == (100, 30)
    guest = Browser(forum)
    assert sign_in(guest, MAIL).status_code == 429, "nor is the right password looked at any more, today"
    ask(guest)
    assert press(guest, Outbox(forum).link(MAIL)).status_code == 303
    assert is_in(Browser(forum, wilg)), "a device that is signed in stays so"
    say("P31: 100 of 130 guesses from 130 networks looked at in a day; the member still comes in")


def test_asking_for_links_from_elsewhere_does_not_stop_the_member(forum: FastAPI, wilg: Person) -> None:
    """One network may ask three times; the member at home asks too. And each mail went to the member anyway."""

    def ask_from(network: str) -> int:
        asker = Asker("nl", network, lambda purpose, secret: f"{BASE_URL}/sign-in/link/{secret}", "")
        try:
            with forum.state.database.writing() as db:
                ask_link(db, forum.state.settings, LinkPurpose.SIGN_IN, MAIL, asker, clock.now())
        except TooMany:
            return 429
        return 303

    assert [ask_from("10.0.0.0/24") for _ in range(5)] == [303] * 3 + [429] * 2
    assert ask(Browser(forum)).status_code == 303
    assert [ask_from(f"10.0.{number}.0/24") for number in range(1, 5)] == [303] * 2 + [429] * 2
    assert press(Browser(forum), Outbox(forum).link(MAIL)).status_code == 303, "any of them opens the door"


def test_many_guesses_at_the_same_moment_are_counted_one_by_one(forum: FastAPI, wilg: Person) -> None:
    with ThreadPoolExecutor(12) as pool:
        codes = Counter(pool.map(lambda _: sign_in(Browser(forum), MAIL, "een heel andere zin").status_code, range(12)))
    assert codes == {422: 5, 429: 7}


# --- nobody waits for a hash -----------------------------------------------------------------------------------------


class Watching(PasswordHasher):
    """At each look at a password: can somebody else write, and is every row free?"""

    def __init__(self, database: Database) -> None:
        super().__init__(memory_cost=64, time_cost=1, parallelism=1)
        self.database, self.free, self.held = database, 0, 0

    def _look(self) -> None:
        try:
            with self.database.writing() as db:
                if self.database.is_sqlite:
                    db.execute(text("PRAGMA busy_timeout=50"))
                else:
                    db.execute(text("SET LOCAL lock_timeout = '50ms'"))
                db.execute(update(Member).values(display=""))
                db.execute(update(Count).values(count=Count.count))
            self.free += 1
        except OperationalError:
            self.held += 1

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self._look()
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self._look()
        return super().verify(hash, password)


@pytest.fixture
def watching(forum: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    # A database of its own: how long its connections wait for a lock is nobody else's business.
    database = Database(forum.state.settings.database_url)
    watching = Watching(database)
    passwords._nobodys_hash()
    monkeypatch.setattr(passwords, "HASHER", watching)
    yield watching
    database.close()


def test_nobody_waits_while_a_password_is_looked_at(
    browser: Browser, wilg: Person, watching: Watching, joining: Joining, outbox: Outbox, say: Callable[[str], None]
) -> None:
    made_up = on_the_device_of(browser, replace(wilg, secret="a-cookie-that-somebody-made-up"))
    for one, token in ((browser.as_(None), None), (on_the_device_of(browser, wilg), wilg.secret), (made_up, None)):
        form_token = browser.forum.state.form_tokens.make(token)
        assert sign_in(one, MAIL, "een heel andere zin", form_token=form_token).status_code == 422
    sign_in(browser.as_(None), "niemand@voorbeeld.example", "een heel andere zin")
    assert sign_in(browser.as_(None), MAIL).status_code == 303
    mine = on_the_device_of(browser, wilg)
    for current, code in (("een heel andere zin", 422), (SENTENCE, 303)):
        form = {"current_password": current, "password": NEW_SENTENCE}
        assert mine.post("/account/password", form).status_code == code
    for one in (mine, browser.as_(None)):
        one.post("/sign-in/forgotten", {"email": MAIL})
        assert press(one, outbox.link(MAIL), password=SENTENCE).status_code == 303
    for name, email in (("Iep", "iep@voorbeeld.example"), ("Berk", MAIL)):
        assert Joining(browser.as_(None)).whole(email, name).answer.status_code == 303
    link = outbox.link("iep@voorbeeld.example")
    for password, code in (("een heel andere zin", 422), (SENTENCE, 303)):
        assert press(browser.as_(None), link, password=password).status_code == code
    assert watching.held == 0 and watching.free >= 13
    say(f"nobody waits for a password: somebody else could write during {watching.free} of {watching.free} looks")


def test_a_lock_that_is_held_meanwhile_is_noticed(
    browser: Browser, wilg: Person, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: as it was, with the counting and the look in one transaction."""

    def in_one(database: Database, knocks: Any, check: Callable[[], bool], now: Any) -> bool:
        with database.writing() as db:
            for name, whom in knocks:
                hit(db, LIMITS[name], whom, now)
            return check()

    sign_in(browser.as_(None), MAIL, "een heel andere zin")  # so that there are counters to hold
    monkeypatch.setattr(admit, "is_right", in_one)
    sign_in(browser.as_(None), MAIL, "een heel andere zin")
    assert (watching.free, watching.held) == (1, 1)


def test_a_password_that_changes_during_the_look_lets_nobody_in(
    browser: Browser, wilg: Person, forum: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who knows the old one could open a session just after all were ended."""
    database = forum.state.database

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:
            found = super().verify(hash, password)
            with database.writing() as db:
                db.execute(update(Member).where(Member.id == wilg.id).values(password_hash="changed"))
            return found

    monkeypatch.setattr(passwords, "HASHER", Slow(memory_cost=64, time_cost=1, parallelism=1))
    before = len(sessions_of(forum, wilg))
    assert sign_in(browser.as_(None), MAIL).status_code == 422
    assert len(sessions_of(forum, wilg)) == before


def test_a_device_that_is_signed_out_during_the_look_changes_no_password(
    browser: Browser, cast: Cast, forum: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = forum.state.database

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            with database.writing() as db:
                db.execute(delete(MemberSession).where(MemberSession.member_id == cast.anna.id))
            return super().hash(password, salt=salt)

    monkeypatch.setattr(passwords, "HASHER", Slow(memory_cost=64, time_cost=1, parallelism=1))
    browser.as_(cast.anna).post("/account/password", {"password": NEW_SENTENCE})
    with database.reading() as db:
        assert db.get_one(Member, cast.anna.id).password_hash is None


def test_a_network_has_its_own_limit(browser: Browser, wilg: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    old = LIMITS["sign_in_network"]
    monkeypatch.setitem(LIMITS, "sign_in_network", Limit(old.name, 3, old.per))
    answers = [sign_in(browser.as_(None), f"p{n}@voorbeeld.example", "zomaar een zin").status_code for n in range(5)]
    assert answers == [422] * 3 + [429] * 2


def test_mails_with_links_are_limited_per_address(browser: Browser, wilg: Person, outbox: Outbox) -> None:
    for email in (MAIL, "niemand@voorbeeld.example"):
        assert [ask(browser.as_(None), email).status_code for _ in range(5)] == [303] * 3 + [429] * 2
        assert len(outbox.to(email)) == 3


def test_the_password_one_has_cannot_be_guessed_on_a_borrowed_device(browser: Browser, wilg: Person) -> None:
    guess = {"current_password": "een andere zin hoor", "password": NEW_SENTENCE}
    answers = [on_the_device_of(browser, wilg).post("/account/password", guess).status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2


def test_a_dead_session_is_a_guest(browser: Browser, wilg: Person) -> None:
    stranger = browser.as_(Person(wilg.id, wilg.public_id, "Wilg", new_secret()))
    assert stranger.get("/account").status_code == 303
    assert stranger.get("/sign-in").status_code == 200
