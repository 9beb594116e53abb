"""Signing up, from the first page to being in (promises P30, P34, D15, D17)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.kit import clock
from app.kit.mail import Mail
from app.members import consent, register
from app.members.clean_up import clean_up
from app.members.limits import LIMITS, Limit
from app.members.tables import Consent, MailLink, Member, MemberSession, Purpose
from tests.browser import Browser, forms_of
from tests.cast import Cast
from tests.members.conftest import SENTENCE, Joining, Outbox, cookies_set, press, sign_in

pytestmark = pytest.mark.usefixtures("cheap")

MAIL = "wilg@voorbeeld.example"


def everything(forum: FastAPI) -> dict[str, int]:
    """How many rows there are of all that a sign-up makes."""
    with forum.state.database.reading() as db:
        tables = (Member, Consent, MailLink, MemberSession, Mail)
        return {one.__name__: db.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def member(forum: FastAPI, email: str) -> Member:
    with forum.state.database.reading() as db:
        return db.scalars(select(Member).where(Member.email == email)).one()


def test_a_guest_signs_up_confirms_and_is_in(joining: Joining, forum: FastAPI, outbox: Outbox, settings: Any) -> None:
    sent = joining.whole("Wilg@Voorbeeld.example", "Wilg aan zee", relation="naaste").answer
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-up/sent")
    assert not cookies_set(sent)
    made = member(forum, "wilg@voorbeeld.example")
    assert made.confirmed_at is None and made.relation == "naaste"
    link = outbox.link("wilg@voorbeeld.example")
    browser = joining.browser
    assert "Wilg aan zee" in browser.get(link).text
    assert member(forum, "wilg@voorbeeld.example").confirmed_at is None, "looking is not confirming"
    answer = press(browser, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
    assert "Welkom in het café" in browser.read("/welcome")
    assert "Wilg aan zee" in browser.read("/account")
    with forum.state.database.reading() as db:
        kept = {row.purpose: row for row in db.scalars(select(Consent).where(Consent.member_id == made.id))}
    assert set(kept) == set(Purpose)
    assert kept[Purpose.HOUSE_RULES].text_version == consent.RULES_VERSION
    assert kept[Purpose.KEEP_HEALTH].text_hash == consent.fingerprint(Purpose.KEEP_HEALTH, "nl", settings)


def test_nothing_is_ticked_beforehand(browser: Browser) -> None:
    page = browser.read("/sign-up")
    assert page.count('type="checkbox"') == 3 and " checked" not in page


def test_who_is_younger_than_16_gets_a_kind_page_and_nothing_is_kept(joining: Joining, forum: FastAPI) -> None:
    before = everything(forum)
    answer = joining.send(keep_health="yes", show_posts="yes").answer
    assert answer.status_code == 200 and "Je bent nog geen 16" in answer.text
    assert everything(forum) == before and not cookies_set(answer)


def test_without_keeping_health_there_is_no_account(joining: Joining) -> None:
    answer = joining.send(age="yes", show_posts="yes").answer
    assert answer.status_code == 422 and "Zonder dit vakje" in answer.text
    assert 'id="field-show_posts" name="show_posts" value="yes" checked' in answer.text, "what was ticked stays ticked"


def test_who_does_not_show_posts_may_read_but_not_write(
    joining: Joining, forum: FastAPI, outbox: Outbox, cast: Cast
) -> None:
    joining.whole("stil@voorbeeld.example", "Stille lezer", shows=False)
    press(joining.browser, outbox.link("stil@voorbeeld.example"))
    assert "Je leest nu mee" in joining.browser.read("/account/consents")
    thread = cast.thread()
    assert joining.browser.get(f"/threads/{thread}").status_code == 200
    assert joining.browser.reply(thread, "Dat herken ik wel.").status_code == 403


@pytest.mark.parametrize("name", ["Anna", "ANNA", "Änna", "A n n a", "Аnnа", "moderator", "jo", "anna@voorbeeld.nl"])
def test_a_name_that_is_taken_or_misleads_is_said_at_once(joining: Joining, cast: Cast, name: str) -> None:
    answer = joining.send(age="yes", keep_health="yes").send(pseudonym=name, relation="lotgenoot").answer
    assert answer.status_code == 422 and 'id="field-pseudonym-error"' in answer.text
    assert 'value="lotgenoot" id="field-relation" checked' in answer.text


def test_all_that_is_wrong_is_said_at_once(joining: Joining) -> None:
    page = joining.send(age="yes", keep_health="yes").send(pseudonym="moderator").answer.text
    assert 'id="field-pseudonym-error"' in page and 'id="field-relation-error"' in page


def test_going_back_keeps_what_was_filled_in(joining: Joining) -> None:
    joining.until_mail("Wilg", "parent")
    assert 'id="field-rules"' in joining.send(back="1").answer.text
    page = joining.send(back="1").answer.text
    assert 'value="Wilg"' in page and 'value="parent" checked' in page
    assert joining.send(back="1").answer.text.count(" checked") == 3


def test_the_rules_are_all_on_the_page_and_must_be_accepted(joining: Joining) -> None:
    joining.send(age="yes", keep_health="yes").send(pseudonym="Wilg", relation="lotgenoot")
    assert all(f"<h2>{number}. " in joining.answer.text for number in range(1, 16))
    assert joining.send().answer.status_code == 422


def test_steps_cannot_be_skipped_or_forged(joining: Joining, forum: FastAPI) -> None:
    before = everything(forum)
    joining.send(age="yes", keep_health="yes")
    state = joining.answer.text.split('name="state" value="')[1].split('"')[0]
    fields = {"email": "wilg@voorbeeld.example", "password": ""}
    for forged in (state, state[:-2] + "AA", "", "x.y.z"):
        answer = joining.browser.post("/sign-up", {**fields, "state": forged})
        assert answer.status_code == 422 and "we beginnen opnieuw" in answer.text
    assert everything(forum) == before


def test_a_passphrase_is_made_without_scripts(joining: Joining) -> None:
    page = joining.until_mail().send(make="1", email="wilg@voorbeeld.example").answer
    assert page.status_code == 200 and 'value="wilg@voorbeeld.example"' in page.text
    made = page.text.split('name="password" type="text" value="')[1].split('"')[0]
    assert len(made.split()) == 4
    assert joining.send().answer.status_code == 303, "it is in the field already"


@pytest.mark.parametrize("password", ["te kort", "wachtwoordwachtwoord", "x" * 257])
def test_a_weak_password_is_said_and_never_written_back(joining: Joining, password: str) -> None:
    answer = joining.whole("wilg@voorbeeld.example", password=password).answer
    assert answer.status_code == 422 and 'id="field-password-error"' in answer.text
    assert password not in answer.text and 'value="wilg@voorbeeld.example"' in answer.text


def test_machines_are_asked_to_slow_down(joining: Joining, monkeypatch: pytest.MonkeyPatch, forum: FastAPI) -> None:
    before = everything(forum)
    assert joining.until_mail().send(email="m@voorbeeld.example", website="https://x").answer.status_code == 422
    monkeypatch.setattr(register, "MIN_FORM_SECONDS", 3)
    assert "Dat ging erg snel" in joining.send(email="m@voorbeeld.example", website="").answer.text
    assert everything(forum) == before


def test_a_known_address_gets_the_same_answer_and_the_same_work(
    joining: Joining, forum: FastAPI, outbox: Outbox, cast: Cast, browser: Browser
) -> None:
    start = everything(forum)
    unknown = joining.whole("nieuw@voorbeeld.example", "Wilg").answer
    between = everything(forum)
    known = Joining(browser.as_(None)).whole("bram@voorbeeld.example", "Berk").answer
    end = everything(forum)
    assert (unknown.status_code, unknown.content, unknown.headers) == (known.status_code, known.content, known.headers)
    assert {name: between[name] - start[name] for name in start} == {name: end[name] - between[name] for name in start}
    assert "al een account" in outbox.to("bram@voorbeeld.example")[-1].subject
    assert outbox.link("bram@voorbeeld.example") == "/sign-in"
    # Nor does the pen name tell, afterwards, whether an account was made of it.
    for name in ("Wilg", "Berk"):
        later = Joining(browser.as_(None)).send(age="yes", keep_health="yes").send(pseudonym=name, relation="naaste")
        assert later.answer.status_code == 200
    again = Joining(browser.as_(None)).whole("bram@voorbeeld.example", "Berk").answer
    assert again.content == known.content and everything(forum)["Member"] == end["Member"] + 1


def test_attempts_with_one_address_live_side_by_side_and_the_first_confirmed_wins(
    joining: Joining, forum: FastAPI, outbox: Outbox, browser: Browser
) -> None:
    """Somebody else can neither overwrite my name nor kill my link by signing up with my address."""
    start = everything(forum)["Member"]
    links = []
    for name in ("Berk", "Wilg", "Iep"):
        Joining(browser.as_(None)).whole(MAIL, name)
        links.append(outbox.link(MAIL))
    assert everything(forum)["Member"] == start + 3
    others, mine = (links[0], links[2]), links[1]
    assert all("Wilg" not in browser.read(link) for link in others) and "Wilg" in browser.read(mine)
    assert press(browser, mine).status_code == 303
    assert member(forum, MAIL).pseudonym == "Wilg" and everything(forum)["Member"] == start + 1
    assert [browser.as_(None).get(link).status_code for link in others] == [410, 410]
    browser.as_(None).post("/sign-in", {"email": MAIL, "link": "1"})
    assert outbox.link(MAIL).startswith("/sign-in/link/")


def test_of_two_attempts_confirmed_at_once_one_wins(
    joining: Joining, forum: FastAPI, outbox: Outbox, browser: Browser
) -> None:
    links = []
    for name in ("Berk", "Wilg", "Iep"):
        Joining(browser.as_(None)).whole(MAIL, name)
        links.append(outbox.link(MAIL))
    with ThreadPoolExecutor(3) as pool:
        codes = sorted(pool.map(lambda link: browser.as_(None).post(link).status_code, links))
    assert codes[0] == 303 and set(codes[1:]) <= {404, 410}
    assert member(forum, MAIL).confirmed_at is not None


def test_a_password_that_somebody_else_chose_never_works(
    joining: Joining, forum: FastAPI, outbox: Outbox, browser: Browser, say: Callable[[str], None]
) -> None:
    """Account pre-hijack: a stranger signs up with my address and a password of theirs, before me or after me."""
    theirs, tried = "de zin van een vreemde vogel", 0
    for number, order in enumerate(((theirs,), (theirs, SENTENCE), (SENTENCE, theirs))):
        email = f"wilg{number}@voorbeeld.example"
        for place, password in enumerate(order):
            Joining(browser.as_(None)).whole(email, f"Boom {'abc'[number]}{'xy'[place]}", password)
        assert press(browser.as_(None), outbox.link(email)).status_code == 303, "the newest link, one button"
        assert member(forum, email).password_hash is None
        assert sign_in(browser.as_(None), email, theirs).status_code == 422
        tried += 1
    say(f"pre-hijack: 0 of {tried} strangers come in with the password they chose at my address")


def test_who_types_the_password_once_more_keeps_it(joining: Joining, outbox: Outbox, browser: Browser) -> None:
    joining.whole(MAIL)
    link = outbox.link(MAIL)
    wrong = press(browser, link, password="een heel andere zin")
    assert wrong.status_code == 422 and "laat dit leeg" in wrong.text and not cookies_set(wrong)
    assert "een heel andere zin" not in wrong.text and 'id="field-password-error"' in wrong.text
    assert press(browser, link, password="x" * 257).status_code == 422
    assert press(browser, link, password=SENTENCE).status_code == 303
    assert sign_in(browser.as_(None), MAIL).status_code == 303


def test_who_forgot_the_password_goes_on_without(joining: Joining, outbox: Outbox, browser: Browser) -> None:
    joining.whole(MAIL)
    link = outbox.link(MAIL)
    codes = [press(browser, link, password="een heel andere zin").status_code for _ in range(7)]
    assert codes == [422] * 5 + [429] * 2
    assert press(browser, link).status_code == 303, "without it there is nothing to guess"
    assert "Je hebt nog geen wachtwoord" in browser.read("/account/password")


def test_another_name_survives_a_wrong_password(
    joining: Joining, forum: FastAPI, outbox: Outbox, browser: Browser
) -> None:
    joining.whole("een@voorbeeld.example", "Wilg")
    Joining(browser.as_(None)).whole("twee@voorbeeld.example", "WiIg")
    press(browser, outbox.link("een@voorbeeld.example"))
    other, link = browser.as_(None), outbox.link("twee@voorbeeld.example")
    again = press(other, link, pseudonym="Berk", password="een heel andere zin")
    (form,) = [one for one in forms_of(again.text) if one["action"] == link]
    assert again.status_code == 422 and form["fields"]["pseudonym"] == "Berk"
    assert other.client.post(link, data=form["fields"]).status_code == 303
    assert member(forum, "twee@voorbeeld.example").pseudonym == "Berk"


def test_of_two_with_one_name_the_first_to_confirm_has_it(
    joining: Joining, forum: FastAPI, outbox: Outbox, browser: Browser
) -> None:
    joining.whole("een@voorbeeld.example", "Wilg")
    Joining(browser.as_(None)).whole("twee@voorbeeld.example", "WiIg")
    press(browser, outbox.link("een@voorbeeld.example"))
    other, link = browser.as_(None), outbox.link("twee@voorbeeld.example")
    assert "nam intussen de naam" in other.get(link).text
    assert other.post(link).status_code == 422
    assert press(other, link, pseudonym="Berk").status_code == 303
    assert member(forum, "twee@voorbeeld.example").pseudonym == "Berk"


def test_an_unconfirmed_account_cannot_sign_in_and_can_ask_for_a_new_link(
    joining: Joining, outbox: Outbox, browser: Browser
) -> None:
    joining.whole("wilg@voorbeeld.example")
    assert sign_in(browser, "wilg@voorbeeld.example").status_code == 422
    browser.post("/sign-in", {"email": "wilg@voorbeeld.example", "link": "1"})
    assert outbox.link("wilg@voorbeeld.example").startswith("/confirm/")
    assert press(browser, outbox.link("wilg@voorbeeld.example")).status_code == 303


def test_without_a_password_there_are_links(joining: Joining, outbox: Outbox, browser: Browser) -> None:
    joining.whole("wilg@voorbeeld.example", password="")
    press(browser, outbox.link("wilg@voorbeeld.example"))
    guest = browser.as_(None)
    assert sign_in(guest, "wilg@voorbeeld.example", "").status_code == 422
    guest.post("/sign-in", {"email": "wilg@voorbeeld.example", "link": "1"})
    assert press(guest, outbox.link("wilg@voorbeeld.example")).status_code == 303
    assert "Wilg" in guest.read("/account")


def test_who_never_confirms_is_erased_after_a_week(joining: Joining, forum: FastAPI, cast: Cast) -> None:
    before = everything(forum)
    joining.whole("wilg@voorbeeld.example")
    for days, left in ((6, 1), (8, 0)):
        with forum.state.database.writing() as db:
            clean_up(db, clock.now() + timedelta(days=days))
        assert everything(forum)["Member"] == before["Member"] + left
    assert everything(forum)["Consent"] == before["Consent"]


def test_signing_up_has_its_limit(
    joining: Joining, forum: FastAPI, monkeypatch: pytest.MonkeyPatch, browser: Browser, say: Callable[[str], None]
) -> None:
    old = LIMITS["sign_up_network"]
    monkeypatch.setitem(LIMITS, "sign_up_network", Limit(old.name, 2, old.per))
    joining.whole("een@voorbeeld.example")
    Joining(browser.as_(None)).whole("twee@voorbeeld.example")
    before = everything(forum)
    third = Joining(browser.as_(None)).whole("drie@voorbeeld.example").answer
    assert third.status_code == 429 and int(third.headers["retry-after"]) > 0
    assert everything(forum) == before
    say(f"D16: sign-up limited to {old.most} an hour; tried with 2")


def test_a_member_has_no_business_at_sign_up(browser: Browser, cast: Cast) -> None:
    assert browser.as_(cast.anna).get("/sign-up").status_code == 403


def test_the_password_is_kept_as_a_hash_only(joining: Joining, forum: FastAPI) -> None:
    joining.whole("wilg@voorbeeld.example")
    kept = member(forum, "wilg@voorbeeld.example").password_hash or ""
    assert "$argon2id$" in kept and SENTENCE not in kept
