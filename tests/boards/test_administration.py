"""An administrator lays the menu card: sections for new diagnoses, boards, who reads and who writes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.boards.access import rights_of
from app.boards.add_board import BoardPlan, add_board
from app.boards.add_section import add_section
from app.boards.tables import Audience, Board, ModerationMode
from app.kit.ids import hash_of
from app.members.tables import Member, MemberSession, Relation, Role, RoleGrant

HERE = {"origin": "https://cafe.example"}
SECTION = {"slug": "gbs", "title": "GBS", "description": "Voor wie GBS had.", "diagnosis": "gbs", "position": "3"}
BOARD = {
    "section": "dvn", "slug": "dvn-slapen", "title": "Slapen", "description": "Over nachten.", "position": "2",
    "readers": ["lotgenoot", "naaste"], "writers": ["lotgenoot"], "moderation_mode": "new_members_first",
    "rules": ["9", "1"], "explains_medicines": "yes",
}  # fmt: skip
PLAN = BoardPlan(
    0, "Klachten", "Over pijn.", frozenset({Audience.LOTGENOOT}), frozenset({Audience.LOTGENOOT}),
    ModerationMode.GUARD_ONLY, (1, 2), False, 1,
)  # fmt: skip


@pytest.fixture
def database(forum):
    with forum.state.database.writing() as db:
        section = add_section(db, "dvn", "DVN", "Voor DVN.", "dvn", 1)
        add_board(db, "dvn-klachten", replace(PLAN, section_id=section.id))
        now = datetime.now(UTC)
        for name, role in (("ineke", Role.ADMINISTRATOR), ("mo", Role.MODERATOR), ("anna", None)):
            member = Member(
                pseudonym=name, skeleton=name, email=f"{name}@mail.example", relation=Relation.LOTGENOOT,
                joined_at=now, confirmed_at=now,
            )  # fmt: skip
            db.add(member)
            db.flush()
            if role:
                db.add(RoleGrant(member_id=member.id, role=role, granted_at=now))
            db.add(
                MemberSession(
                    member_id=member.id, secret_hash=hash_of(f"secret of {name}"), created_at=now, last_seen_at=now,
                    expires_at=now + timedelta(days=1), device="a test",
                )
            )  # fmt: skip
    return forum.state.database


@pytest.fixture
def as_(forum, database):
    with TestClient(forum, base_url="https://cafe.example", follow_redirects=False) as client:

        def as_(name):
            client.cookies.set("__Host-s", f"secret of {name}")
            return client

        yield as_


def send(client, address, fields):
    html = client.get(address).text
    token = re.search('name="form_token" value="([^"]*)"', html)[1]
    return client.post(address, data={**fields, "form_token": token}, headers=HERE)


def board_of(database, slug):
    with database.reading() as db:
        board = db.scalar(select(Board).where(Board.slug == slug))
        return board, board and rights_of(db, board.id)


def test_only_an_administrator_finds_these_pages(as_):
    for address in ("boards", "boards/new", "boards/dvn-klachten", "sections/new", "sections/dvn"):
        assert as_("ineke").get(f"/administration/{address}").status_code == 200, address
        assert as_("mo").get(f"/administration/{address}").status_code == 404
        assert as_("anna").get(f"/administration/{address}").status_code == 404
        assert as_("nobody").get(f"/administration/{address}").status_code == 303
    token = re.search('name="form_token" value="([^"]*)"', as_("anna").get("/display").text)[1]
    answer = as_("anna").post("/administration/boards/new", data={**BOARD, "form_token": token}, headers=HERE)
    assert answer.status_code == 404


def test_a_new_diagnosis_with_its_first_board(as_, database):
    ineke = as_("ineke")
    assert send(ineke, "/administration/sections/new", SECTION).status_code == 303
    assert send(ineke, "/administration/boards/new", {**BOARD, "section": "gbs"}).status_code == 303
    board, rights = board_of(database, "dvn-slapen")
    assert rights.readers == {Audience.LOTGENOOT, Audience.NAASTE} and rights.writers == {Audience.LOTGENOOT}
    assert board.rules == "1,9" and board.explains_medicines
    assert board.moderation_mode is ModerationMode.NEW_MEMBERS_FIRST
    html = ineke.get("/administration/boards").text
    assert "GBS" in html and "Naasten lezen mee" in html


def test_who_writes_reads(as_, database):
    assert send(as_("ineke"), "/administration/boards/new", {**BOARD, "writers": ["parent"]}).status_code == 303
    assert Audience.PARENT in board_of(database, "dvn-slapen")[1].readers


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "dvn-klachten"), ("slug", "Met Hoofdletters"), ("slug", "a/b"), ("slug", "new"), ("slug", "-"),
        ("section", "nergens"), ("readers", []), ("writers", ["guest"]), ("moderation_mode", "never"),
        ("rules", ["16"]), ("position", "many"), ("title", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_field(as_, database, field, value):
    answer = send(as_("ineke"), "/administration/boards/new", {**BOARD, field: value})
    assert answer.status_code == 422 and f'href="#field-{field}"' in answer.text
    assert board_of(database, "dvn-slapen")[0] is None


def test_nobody_reads_along_afterwards_without_being_asked_for(as_, database):
    wider = {**BOARD, "title": "Klachten en meer", "readers": ["lotgenoot", "naaste"], "writers": ["lotgenoot"]}
    answer = send(as_("ineke"), "/administration/boards/dvn-klachten", wider)
    assert answer.status_code == 422 and "Vraag het de schrijvers" in answer.text
    assert board_of(database, "dvn-klachten")[1].readers == {Audience.LOTGENOOT}
    narrow = {**wider, "readers": ["lotgenoot"]}
    assert send(as_("ineke"), "/administration/boards/dvn-klachten", narrow).status_code == 303
    assert send(as_("ineke"), "/administration/boards/dvn-klachten", {**wider, "asked": "yes"}).status_code == 303
    board, rights = board_of(database, "dvn-klachten")
    assert board.title == "Klachten en meer" and rights.readers == {Audience.LOTGENOOT, Audience.NAASTE}


def test_a_section_is_changed_but_keeps_its_address(as_):
    answer = send(as_("ineke"), "/administration/sections/dvn", {**SECTION, "title": "Dunnevezelneuropathie"})
    assert answer.status_code == 303
    assert 'value="Dunnevezelneuropathie"' in as_("ineke").get("/administration/sections/dvn").text
