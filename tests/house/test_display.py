"""How the pages look: chosen by whoever looks, kept for a member, and in a cookie only when a guest chose."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from app.kit.ids import hash_of
from app.kit.pages import Display
from app.members.tables import Member, MemberSession, Relation
from app.members.viewer import display_cookie_name

CHOICE = {"language": "en", "theme": "contrast", "size": "3", "lines": "2", "saver": "1"}
HERE = {"origin": "https://cafe.example"}


@pytest.fixture
def guest(forum):
    with TestClient(forum, base_url="https://cafe.example", follow_redirects=False) as client:
        yield client


@pytest.fixture
def anna(forum, guest):
    now = datetime.now(UTC)
    with forum.state.database.writing() as db:
        member = Member(
            pseudonym="Anna", skeleton="anna", email="anna@mail.example", relation=Relation.LOTGENOOT,
            joined_at=now, confirmed_at=now,
        )  # fmt: skip
        db.add(member)
        db.flush()
        db.add(
            MemberSession(
                member_id=member.id, secret_hash=hash_of("anna's secret"), created_at=now, last_seen_at=now,
                expires_at=now + timedelta(days=1), device="a test",
            )
        )  # fmt: skip
    guest.cookies.set("__Host-s", "anna's secret")
    return member.id


def send(client, **fields):
    token = re.search('name="form_token" value="([^"]*)"', client.get("/display").text)[1]
    return client.post("/display", data={**fields, "form_token": token}, headers=HERE)


def test_looking_leaves_no_cookie(guest):
    for address in ("/display", "/rules", "/privacy"):
        assert "set-cookie" not in guest.get(address).headers


def test_a_guests_choice_is_kept_on_the_device(guest):
    answer = send(guest, **CHOICE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/display?kept=1")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-view=en.contrast.3.2.1;")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=31536000"} <= set(cookie.split("; "))
    html = guest.get("/display").text
    assert 'lang="en" data-theme="contrast" data-size="3" data-lines="2" data-saver="on"' in html
    assert html.count("checked") == 5


def test_a_member_takes_the_choice_along(forum, guest, anna):
    answer = send(guest, **CHOICE)
    assert answer.status_code == 303 and "set-cookie" not in answer.headers
    with forum.state.database.reading() as db:
        assert Display.from_text(db.get(Member, anna).display) == Display("en", "contrast", 3, 2, True)
    assert 'data-theme="contrast"' in guest.get("/rules").text


def test_trying_keeps_nothing(forum, guest, anna):
    answer = send(guest, **CHOICE, attempt="1")
    assert answer.status_code == 200 and 'data-theme="contrast"' in answer.text
    with forum.state.database.reading() as db:
        assert db.get(Member, anna).display == ""


@pytest.mark.parametrize(
    "odd", [{"theme": "pink"}, {"size": "9"}, {"lines": "x"}, {"language": "../nl"}, {"saver": "perhaps"}]
)
def test_an_odd_choice_is_said_to_be_so(guest, odd):
    answer = send(guest, **{**CHOICE, **odd})
    assert answer.status_code == 422 and 'id="fouten"' in answer.text
    assert "set-cookie" not in answer.headers


def test_an_odd_cookie_is_the_usual_page(guest):
    for odd in ("x", "en.pink.9.9.9", '"><script>', "nl.dark.1.1.0.0"):
        guest.cookies.set("__Host-view", odd)
        assert guest.get("/rules").status_code == 200


def test_on_this_machine_itself_the_cookie_has_a_plain_name(settings):
    local = settings.model_copy(update={"base_url": "http://127.0.0.1:8000"})
    assert (display_cookie_name(settings), display_cookie_name(local)) == ("__Host-view", "view")
