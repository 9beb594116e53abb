"""P18: what is taken away is gone with the next request: a role, a session, a yes, the right to read a board."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.boards.tables import Audience, Board, BoardAccess
from app.kit import clock
from app.kit.settings import Settings
from app.members.consent import withdraw
from app.members.tables import Consent, Member, MemberSession, Purpose, Relation, Role, RoleGrant
from tests.promises.world import BOARDS, Asking, World, asking, make_world

Say = Callable[[str], None]


@pytest.fixture
def ask(settings: Settings) -> Iterator[Asking]:
    world = make_world(settings)
    with asking(world) as ask:
        yield ask
    world.database.close()


def change(world: World, statement: Any) -> None:
    with world.database.writing() as db:
        db.execute(statement)


def signed_out(ask: Asking, role: str) -> bool:
    """Whether a page asks for signing in, and a form is refused."""
    page, form = ask.get(role, "/inbox"), ask.post(role, "/display", {})
    return page.status == 303 and page.header("location").startswith("/sign-in") and form.status == 403


def test_whoever_loses_a_role_through_the_pages_is_signed_out(ask: Asking, say: Say) -> None:
    case = f"/moderation/cases/{ask.world.things['case', 'held']}"
    people = ask.world.people
    for role, path, held in (("moderator", case, "moderator"), ("other_moderator", "/moderation/queue", "moderator")):
        person, board = people[role], BOARDS["other_board"] if role == "other_moderator" else ""
        assert person is not None and ask.get(role, path).status == 200
        revoke = f"/administration/members/{person.public_id}/roles/revoke"
        assert ask.post("administrator", revoke, {"role": held, "board": board}).status == 303
        assert signed_out(ask, role)
        assert ask.get(role, path).status == 303
        assert ask.post(role, f"{case}/claim").status == 403
    say("P18: 2 demoted moderators refused at the next request, page and form")


def test_a_role_that_is_gone_from_the_table_is_gone(ask: Asking) -> None:
    """Also when nobody ended the session: every request reads the grants again."""
    for role, path in (("moderator", "/moderation/queue"), ("administrator", "/administration/boards")):
        assert ask.get(role, path).status == 200
        change(ask.world, delete(RoleGrant).where(RoleGrant.member_id == ask.world.person(role).id))
        assert ask.get(role, path).status == 404
    assert ask.get("moderator", f"/threads/{ask.world.things['thread', 'held']}").status == 404


def test_whoever_gains_a_role_signs_in_again(ask: Asking) -> None:
    path = f"/administration/members/{ask.world.person('lotgenoot').public_id}/roles/grant"
    assert ask.post("administrator", path, {"role": "moderator", "board": ""}).status == 303
    assert signed_out(ask, "lotgenoot")


def test_ended_devices_are_out(ask: Asking) -> None:
    devices = ask.get("owner", "/account/devices")
    assert devices.status == 200
    assert ask.post("owner", "/account/devices/end").status == 303
    assert signed_out(ask, "owner")


@pytest.mark.parametrize(
    "ending",
    [
        lambda mine: delete(MemberSession).where(mine),
        lambda mine: update(MemberSession).where(mine).values(expires_at=clock.now()),
        lambda mine: update(MemberSession).where(mine).values(last_seen_at=clock.now() - timedelta(days=15)),
    ],
)
def test_a_session_that_is_over_is_over(ask: Asking, ending: Callable[[Any], Any]) -> None:
    assert not signed_out(ask, "lotgenoot")
    change(ask.world, ending(MemberSession.member_id == ask.world.person("lotgenoot").id))
    assert signed_out(ask, "lotgenoot")


def test_a_moderators_session_rests_sooner(ask: Asking) -> None:
    idle = update(MemberSession).values(last_seen_at=clock.now() - timedelta(hours=9))
    change(ask.world, idle)
    assert signed_out(ask, "moderator") and signed_out(ask, "administrator")
    assert not signed_out(ask, "lotgenoot")


def test_a_member_that_is_gone_is_gone(ask: Asking) -> None:
    with ask.world.database.writing() as db:
        db.delete(db.get_one(Member, ask.world.person("lotgenoot").id))
    assert signed_out(ask, "lotgenoot")


def test_without_the_yes_nothing_more_is_written(ask: Asking, say: Say) -> None:
    """Whoever takes back the yes to showing posts reads on, and publishes nothing: nothing new, and no new words."""
    world = ask.world
    thread, post = world.things["thread", "members_board"], world.things["post", "members_board"]
    blocked = world.things["post", "blocked"]
    assert ask.get("owner", f"/threads/{thread}/reply").status == 200
    assert ask.post("owner", "/account/consents/withdraw", {"purpose": "show_posts"}).status == 303
    words = {"text": "Ik ga vroeg naar bed.", "title": "Slapen", "seen": "1", "step": "place"}
    refused = [
        ask.get("owner", f"/threads/{thread}/reply"),
        ask.post("owner", f"/threads/{thread}/replies", words),
        ask.get("owner", f"/boards/{BOARDS['members_board']}/write"),
        ask.post("owner", f"/boards/{BOARDS['members_board']}/write", words),
        ask.get("owner", f"/posts/{post}/edit"),
        ask.post("owner", f"/posts/{post}/edit", words),
        ask.post("owner", f"/posts/{blocked}/ask-moderator"),
    ]
    assert [answer.status for answer in refused] == [403] * len(refused), [(one.path, one.status) for one in refused]
    assert all("Ik ga vroeg naar bed." in one.body for one in refused if one.method == "POST" and "ask" not in one.path)
    assert ask.get("owner", f"/threads/{thread}").status == 200
    assert ask.post("owner", f"/posts/{post}/withdraw").status == 303, "taking away is always possible"
    say(f"P18: {len(refused)} ways to write are closed at once when the yes is taken back; nothing typed is lost")


def test_a_board_that_closes_is_closed(ask: Asking) -> None:
    thread = f"/threads/{ask.world.things['thread', 'members_board']}"
    assert ask.get("naaste", thread).status == 200
    with ask.world.database.writing() as db:
        board = db.query(Board).where(Board.slug == BOARDS["members_board"]).one()
        naasten = (BoardAccess.board_id == board.id, BoardAccess.audience == Audience.NAASTE)
        db.execute(delete(BoardAccess).where(*naasten))
    assert ask.get("naaste", thread).status == 404
    assert ask.post("naaste", f"{thread}/replies", {"text": "Ik ben er."}).status == 404


def test_another_relation_counts_at_once(ask: Asking) -> None:
    board = f"/boards/{BOARDS['patients_board']}"
    assert ask.get("lotgenoot", board).status == 200
    assert ask.post("lotgenoot", "/account/relation", {"relation": Relation.NAASTE.value}).status == 303
    assert ask.get("lotgenoot", board).status == 404


def test_a_session_that_should_be_over_and_is_not_is_seen(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a café that remembers who somebody was."""
    import app.members.viewer as viewer

    secret, now = ask.secret("moderator"), clock.now()
    assert secret is not None
    with ask.world.database.reading() as db:
        remembered = viewer.find_viewer(db, secret, now)
    with ask.world.database.writing() as db:
        withdraw(db, ask.world.person("moderator").id, Purpose.SHOW_POSTS, now)
        db.execute(delete(Consent).where(Consent.member_id == ask.world.person("moderator").id))
        db.execute(delete(RoleGrant).where(RoleGrant.role == Role.MODERATOR))
    monkeypatch.setattr(viewer, "find_viewer", lambda db, secret, now: remembered)
    assert ask.get("moderator", "/moderation/queue").status == 200
