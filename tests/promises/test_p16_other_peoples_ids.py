"""P16: an id is a name and no key. Pages hold no counters, and another's id in any form or address changes nothing."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from app.kit.ids import looks_like_id, new_id
from app.kit.settings import Settings
from app.moderation.tables import Case
from app.notifications.tables import Notification
from app.threads.tables import Submission
from tests.promises.crawl import Crawl, attributes_of, different, recorded
from tests.promises.pressing import form_for
from tests.promises.world import (
    Answer,
    World,
    addresses,
    asking,
    hash_of_rows,
    kinds_of,
    make_world,
    routes_with,
    rows_of,
)

Say = Callable[[str], None]

__all__ = ["recorded"]
pytestmark = pytest.mark.timeout(300)

SLUGS = re.compile(r"[a-z][a-z-]*(-[a-z]+)*")  # chosen by an administrator, or a word of the address itself
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# Numbers in addresses and fields that name nothing: of a page, a rule, a version, a choice.
NUMBERS = {
    "page", "page_number", "size", "lines", "rule", "rules", "marks", "case_version", "seen", "position", "saver", "v",
    "kept", "back", "make", "link",
}  # fmt: skip


def counters_in(answer: Answer) -> tuple[int, list[str]]:
    """How many ids an answer's addresses and hidden fields hold, and which of those are no random ids."""
    count, odd = 0, []
    for tag, name, value in attributes_of(answer.body):
        if (tag, name) in {("a", "href"), ("form", "action"), ("button", "formaction")} and value.startswith("/"):
            parts = urlsplit(value)
            for one in parts.path.split("/"):
                count += looks_like_id(one)
                if one and not (looks_like_id(one) or SLUGS.fullmatch(one) or SECRET.fullmatch(one)):
                    odd.append(f"{value}: {one!r}")
            odd += [
                f"{value}: {key}={one}" for key, one in parse_qsl(parts.query) if one.isdigit() and key not in NUMBERS
            ]
        elif name == "id" and any(part.isdigit() and len(part) > 2 for part in value.split("-")):
            odd.append(f"id={value!r}")
    fields, found = hidden_fields(answer.body)
    return count + fields, odd + found


def hidden_fields(html: str) -> tuple[int, list[str]]:
    inputs: list[dict[str, str]] = []
    for tag, name, value in attributes_of(html):
        if tag == "input":
            if name in {"type", "id"} and (not inputs or name in inputs[-1]):
                inputs.append({})
            (inputs or [{}])[-1][name] = value
    hidden = [one for one in inputs if one.get("type") == "hidden"]
    odd = [f"{one['name']}={one['value']}" for one in hidden if one["value"].isdigit() and one["name"] not in NUMBERS]
    return sum(looks_like_id(one.get("value", "")) for one in hidden), odd


def test_pages_hold_no_counters(recorded: Crawl, say: Say) -> None:
    total = 0
    pages = different(recorded.answers)
    for answer in pages:
        count, odd = counters_in(answer)
        assert not odd, f"{answer.path} as {answer.role}: {odd}"
        total += count
    assert total > 1000
    say(f"P16: {total} ids in {len(pages)} pages, all of 100 random bits; 0 counters")


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/threads/12">x</a>', '<form action="/posts/7/edit"></form>', '<a href="/my-posts?post=7">x</a>',
        '<input type="hidden" name="post" value="7">', '<article id="post-1204"></article>',
    ],
)  # fmt: skip
def test_a_counter_is_seen(html: str) -> None:
    assert counters_in(Answer("guest", "GET", "/", 200, (), html))[1]


def test_ids_are_random() -> None:
    ids = [new_id() for _ in range(2000)]
    assert all(looks_like_id(one) for one in ids) and len(set(ids)) == len(ids)
    for place in range(20):  # every place takes every sign
        assert len({one[place] for one in ids}) == 32


# --- another's id ----------------------------------------------------------------------------------------------------


def rows_hash(world: World) -> str:
    with world.database.reading() as db:
        return hash_of_rows(rows_of(db))


def swaps(world: World) -> Iterable[tuple[str, str, str, dict[str, Any]]]:
    """Each form about a thing of the owner's, as sent by somebody whose it is not: (route, role, address, form)."""
    owners = {"post_id": "lotgenoot", "letter_id": "lotgenoot", "device_id": "lotgenoot", "case_id": "other_moderator"}
    for route in routes_with(world.forum, "POST"):
        role = next((owners[part] for part in kinds_of(route) if part in owners), None)
        if role is None or route.name == "send_report":
            continue
        for state, path in addresses(world, route).items():
            if (role, state) != ("other_moderator", "other_board"):
                yield f"POST {route.path}", role, path, form_for(world, route.name, state)
    thing, lotgenoot = world.things, "lotgenoot"
    members = thing["thread", "members_board"]
    reply, words = f"/threads/{members}/replies", {"text": "Ik ga vroeg naar bed.", "step": "place"}
    for state in ("patients_board", "lotgenoten_thread", "held", "hidden"):
        form = {**words, "parent": thing["post", state]}
        yield "a parent in another conversation", "naaste", reply, form
    yield "another's notification", lotgenoot, "/inbox", {"until": thing["notification", "owners"]}
    for act in ("move", "show_also", "unshow"):
        path = f"/threads/{thing['thread', 'other_board']}/moderate"
        yield "a board that is not one's own", "other_moderator", path, {"act": act, "board": "onder-ons"}
    yield "a role for oneself", lotgenoot, _grant(world, lotgenoot), {"role": "administrator", "board": ""}
    yield "a role for oneself", "moderator", _grant(world, "moderator"), {"role": "administrator", "board": ""}
    for role in ("lotgenoot", "naaste", "administrator", "other_moderator"):
        for act in ("pin", "lock", "move"):
            yield "steering", role, f"/threads/{members}/moderate", {"act": act, "board": "voorzichtig"}


def _grant(world: World, role: str) -> str:
    return f"/administration/members/{world.person(role).public_id}/roles/grant"


def test_another_ones_id_changes_nothing(settings: Settings, say: Say) -> None:
    world = make_world(settings)
    before, count = rows_hash(world), 0
    kinds: set[str] = set()
    with asking(world) as ask:
        for kind, role, path, form in swaps(world):
            answer = ask.post(role, path, form)
            assert answer.status in {403, 404} or kind == "another's notification", f"{path} as {role}: {answer.status}"
            count, kinds = count + 1, kinds | {kind}
        assert rows_hash(world) == before
        # Controls: the hash sees one row, and its owner may do what the others may not.
        assert ask.post("owner", f"/letters/{world.things['letter', 'owners']}/read").status == 303
        assert rows_hash(world) != before
    say(f"P16: {count} forms with another's id ({len(kinds)} kinds) changed no row of any table")
    world.database.close()


def test_another_ones_form_key_makes_a_post_of_ones_own(settings: Settings) -> None:
    """The key of a form is its member's: with another's one neither sees nor replaces what came of it."""
    world = make_world(settings)
    path, key = f"/threads/{world.things['thread', 'members_board']}/replies", new_id()
    with asking(world) as ask:
        first = ask.post("owner", path, {"text": "Dit schrijf ik.", "once": key})
        second = ask.post("lotgenoot", path, {"text": "Dit schrijf ik.", "once": key})
    assert first.header("location") != second.header("location")
    with world.database.reading() as db:
        assert len(db.scalars(select(Submission.post_id).where(Submission.key == key)).all()) == 2
    world.database.close()


def test_reading_the_inbox_reads_ones_own_only(settings: Settings) -> None:
    world = make_world(settings)
    with asking(world) as ask:
        ask.post("owner", "/inbox", {"until": world.things["notification", "owners"]})
    with world.database.reading() as db:
        read = set(db.scalars(select(Notification.member_id).where(Notification.read_at.is_not(None))))
        claimed = db.scalars(select(Case).where(Case.claimed_by_id.is_not(None))).all()
    assert read == {world.person("owner").id} and not claimed
    world.database.close()


def test_a_form_of_another_session_is_refused(settings: Settings, say: Say) -> None:
    world = make_world(settings)
    before, count = rows_hash(world), 0
    with asking(world) as ask:
        for route in routes_with(world.forum, "POST"):
            if not kinds_of(route):
                form = {**form_for(world, route.name, "-"), "form_token": ask.token("owner")}
                assert ask.ask("lotgenoot", "POST", route.path, form).status in {403, 404}, route.path
                count += 1
    assert rows_hash(world) == before
    say(f"P16: {count} forms with the token of another's session changed nothing")
    world.database.close()


def test_a_recorded_page_with_a_counter_is_seen(recorded: Crawl) -> None:
    page = next(answer for answer in recorded.answers if answer.path.startswith("/threads/") and answer.status == 200)
    assert not counters_in(page)[1]
    broken = replace(page, body=re.sub(r"/threads/[a-z2-7]{20}", "/threads/1", page.body))
    assert counters_in(broken)[1]
