"""One's own pages, what others see, and roles (promises P18, D11)."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.kit import clock
from app.kit.errors import Conflict, NotFound
from app.kit.settings import Settings
from app.members import passwords
from app.members.by_hand import grant, make_member, revoke
from app.members.tables import Consent, Member, Purpose, Relation, Role, RoleGrant
from app.members.viewer import display_cookie_name
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import SECRET
from tests.members.conftest import SENTENCE, sign_in

pytestmark = pytest.mark.usefixtures("cheap")


def test_my_account_leads_everywhere(browser: Browser, cast: Cast) -> None:
    page = browser.as_(cast.anna).read("/account")
    assert "Anna" in page and "lotgenoot" in page and "/administration/members" not in page
    for path in ("/account/devices", "/account/password", "/account/consents"):
        assert f'href="{path}"' in page and browser.as_(cast.anna).read(path)
    assert "/administration/members" in browser.as_(cast.ada).read("/account")


def test_my_relation_can_change(browser: Browser, cast: Cast) -> None:
    anna = browser.as_(cast.anna)
    assert anna.submit("/account", "/account/relation", relation="parent").status_code == 303
    assert "ouder of verzorger" in anna.read(f"/members/{cast.anna.public_id}")
    assert anna.post("/account/relation", {"relation": "koning"}).status_code == 422


def test_taking_a_yes_back_ends_writing_and_leaves_what_was_written(
    browser: Browser, cast: Cast, forum: FastAPI
) -> None:
    thread = cast.thread()
    anna, bram = browser.as_(cast.anna), browser.as_(cast.bram)
    page = anna.read("/account/consents")
    assert "blijft staan" in page, "what happens is said before"
    assert anna.submit("/account/consents", "/account/consents/withdraw").status_code == 303
    assert anna.reply(thread, "Ik herken dit ook bij mij.").status_code == 403
    assert "Ik slaap slecht" in bram.read(f"/threads/{thread}")
    assert "Ingetrokken op" in anna.read("/account/consents")
    assert anna.submit("/account/consents", "/account/consents/give").status_code == 303
    assert anna.reply(thread, "Ik herken dit ook bij mij.").status_code != 403
    with forum.state.database.reading() as db:
        mine = Consent.member_id == cast.anna.id, Consent.purpose == Purpose.SHOW_POSTS
        assert len(db.scalars(select(Consent).where(*mine)).all()) == 2, "both stay as proof"


@pytest.mark.parametrize("purpose", ["keep_health", "age", "house_rules", "iets"])
def test_the_yes_that_membership_needs_is_not_taken_back_here(browser: Browser, cast: Cast, purpose: str) -> None:
    assert browser.as_(cast.anna).post("/account/consents/withdraw", {"purpose": purpose}).status_code == 403


def test_others_see_a_name_a_relation_and_a_month(browser: Browser, cast: Cast, forum: FastAPI) -> None:
    path = f"/members/{cast.mo.public_id}"
    page = browser.as_(cast.anna).read(path)
    assert "Mo" in page and "moderator" in page and re.search(r"Hier sinds [a-z]+ \d{4}\.", page)
    assert "@" not in page
    assert browser.get(path).status_code == 303, "not for guests"
    for nobody in ("a" * 20, "1", "x", "Anna"):
        assert browser.as_(cast.anna).get(f"/members/{nobody}").status_code == 404


# --- roles -----------------------------------------------------------------------------------------------------------


def role(browser: Browser, cast: Cast, verb: str, **fields: str) -> int:
    path = f"/administration/members/{cast.bram.public_id}/roles/{verb}"
    return int(browser.as_(cast.ada).post(path, fields).status_code)


def test_a_role_works_at_once_and_asks_to_sign_in_again(
    browser: Browser, cast: Cast, forum: FastAPI, say: Callable[[str], None]
) -> None:
    bram = browser.as_(cast.bram)
    assert bram.get("/moderation/queue").status_code == 404
    with forum.state.database.writing() as db:
        db.get_one(Member, cast.bram.id).password_hash = passwords.hash_password(SECRET, SENTENCE)
    assert role(browser, cast, "grant", role="moderator") == 303
    assert bram.get("/account").status_code == 303, "the session from before is over"
    bram = browser.as_(None)
    sign_in(bram, "bram@voorbeeld.example")
    assert bram.get("/moderation/queue").status_code == 200
    assert role(browser, cast, "revoke", role="moderator") == 303
    assert bram.get("/moderation/queue").status_code in {303, 404}
    bram = browser.as_(None)
    sign_in(bram, "bram@voorbeeld.example")
    assert bram.get("/moderation/queue").status_code == 404
    say("P18: a role granted and taken back, seen by the very next request")


def test_a_role_in_one_board_says_who_gave_it(browser: Browser, cast: Cast, forum: FastAPI) -> None:
    assert role(browser, cast, "grant", role="moderator", board="dagelijks") == 303
    assert role(browser, cast, "grant", role="moderator", board="dagelijks") == 303, "twice is once"
    with forum.state.database.reading() as db:
        (given,) = db.scalars(select(RoleGrant).where(RoleGrant.member_id == cast.bram.id)).all()
    assert (given.board_id, given.granted_by_id) == (cast.board, cast.ada.id)
    page = browser.as_(cast.ada).read("/administration/members?name=bram")
    assert "Rubriek dagelijks" in page and "Gegeven door Ada" in page
    assert role(browser, cast, "revoke", role="moderator", board="dagelijks") == 303
    assert role(browser, cast, "revoke", role="moderator", board="dagelijks") == 404
    assert role(browser, cast, "grant", role="moderator", board="bestaat-niet") == 404
    assert role(browser, cast, "grant", role="koning") == 404


def test_the_last_administrator_stays(browser: Browser, cast: Cast) -> None:
    path = f"/administration/members/{cast.ada.public_id}/roles/revoke"
    assert browser.as_(cast.ada).post(path, {"role": "administrator"}).status_code == 409
    assert role(browser, cast, "grant", role="administrator", board="dagelijks") == 303
    assert browser.as_(cast.ada).post(path, {"role": "administrator"}).status_code == 303


def test_members_are_found_by_whole_name_only(browser: Browser, cast: Cast) -> None:
    ada = browser.as_(cast.ada)
    assert "Bram" in ada.read("/administration/members?name=BRAM")
    for name in ("", "Bra", "b", "%", "bram@voorbeeld.example"):
        page = ada.client.get("/administration/members", params={"name": name}).text
        assert f"/members/{cast.bram.public_id}" not in page and "roles/grant" not in page
    assert "@voorbeeld" not in ada.read("/administration/members?name=Bram")


@pytest.mark.parametrize("who", ["anna", "mo"])
def test_the_administration_does_not_exist_for_others(browser: Browser, cast: Cast, who: str) -> None:
    other = browser.as_(getattr(cast, who))
    assert other.get("/administration/members?name=Bram").status_code == 404
    for verb in ("grant", "revoke"):
        path = f"/administration/members/{cast.bram.public_id}/roles/{verb}"
        assert other.post(path, {"role": "administrator"}).status_code == 404


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_the_webmaster_makes_a_member_and_gives_a_role(browser: Browser, forum: FastAPI, settings: Settings) -> None:
    now = clock.now()
    with forum.state.database.writing() as db:
        made = make_member(db, settings, "Ineke (beheer)", "Ineke@Voorbeeld.example", Relation.LOTGENOOT, now, SENTENCE)
        grant(db, "ineke beheer", Role.ADMINISTRATOR, "", now)
        with pytest.raises(Conflict):
            make_member(db, settings, "Ineke beheer", "ander@voorbeeld.example", Relation.NAASTE, now)
        with pytest.raises(NotFound):
            grant(db, "Niemand", Role.MODERATOR, "", now)
    assert sign_in(browser, "ineke@voorbeeld.example").status_code == 303
    assert browser.get("/administration/members").status_code == 200
    with forum.state.database.writing() as db:
        grant(db, "Ineke (beheer)", Role.MODERATOR, "", now)
        revoke(db, "Ineke (beheer)", Role.MODERATOR, "")
        assert len(db.scalars(select(Consent).where(Consent.member_id == made.id)).all()) == len(Purpose)


def test_the_mail_that_lies_here_is_shown_with_links_of_our_own(settings: Settings) -> None:
    from app.kit.mail import queue_mail, send_due
    from app.main import build

    here = settings.model_copy(update={"base_url": "http://127.0.0.1:8000", "development": True})
    forum = build(here, with_postman=False)
    database = forum.state.database
    with database.writing() as db:
        text = "Dag,\n\nhttp://127.0.0.1:8000/confirm/abc-_1\n\nhttps://evil.example/x <b>"
        queue_mail(db, "wilg@voorbeeld.example", "Hallo", text, clock.now())
    assert "ligt nog niets" in Browser(forum).read("/dev/mail")
    assert send_due(database, here, clock.now()) == 1
    page = Browser(forum).read("/dev/mail")
    assert '<a href="/confirm/abc-_1">http://127.0.0.1:8000/confirm/abc-_1</a>' in page
    assert 'href="https://evil' not in page and "&lt;b&gt;" in page
    database.close()


def test_on_a_real_server_that_page_does_not_exist(browser: Browser) -> None:
    assert browser.get("/dev/mail").status_code == 404


def test_every_page_speaks_english_too(browser: Browser, cast: Cast) -> None:
    guest, ada = browser.as_(None), browser.as_(cast.ada)
    name = display_cookie_name(browser.forum.state.settings)
    guest.client.cookies.set(name, "en.system.1.1.0")
    with browser.forum.state.database.writing() as db:
        db.get_one(Member, cast.ada.id).display = "en.system.1.1.0"
    for path in ("/sign-in", "/sign-up", "/sign-in/sent", "/sign-up/sent", "/sign-in/forgotten"):
        assert '<html lang="en"' in guest.read(path), path
    assert guest.get("/confirm/x").status_code == 410
    member = f"/members/{cast.anna.public_id}"
    mine = ("/account", "/account/devices", "/account/password", "/account/consents", "/welcome", member)
    for path in (*mine, "/administration/members?name=Bram"):
        assert '<html lang="en"' in ada.read(path), path
