"""P17: a form changes what it is about and nothing else, whatever is added to it: each column of each table."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Boolean, Enum, Integer

from app.kit.db import Base
from app.kit.forms import MAX_FIELDS
from app.kit.permission import open_to, policy_of
from app.kit.settings import Settings
from app.main import every_route
from app.members.tables import Member
from app.members.viewer import MEMBERS, Visit
from tests.promises.pressing import form_for
from tests.promises.world import (
    Asking,
    Sent,
    Undone,
    World,
    addresses,
    asking,
    changes,
    make_world,
    routes_with,
    rows_of,
    undone,
)

Say = Callable[[str], None]
Changed = dict[tuple[str, str, str], Any]

pytestmark = pytest.mark.timeout(300)

AS = {
    "everyone": "owner", "guests": "guest", "members": "owner", "moderators": "moderator",
    "administrators": "administrator",
}  # fmt: skip
# For each route the state in which its form is taken; without one here, the first that there is.
TAKEN = {"send_ask_moderator": "blocked", "send_decision": "held", "send_claim": "held", "send_release": "held"}
READERS = dict.fromkeys(("send_report", "send_follow", "send_opening", "send_reply"), "lotgenoot")


def columns(world: World) -> dict[str, str]:
    """A value for each column of each table, as somebody would try it: another's, the highest, the last of a choice."""
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = column.type
            value = "kanarie"
            if isinstance(kind, Enum):
                value = kind.enums[-1]
            elif isinstance(kind, Boolean | Integer):
                value = "1" if isinstance(kind, Boolean) else str(world.person("administrator").id)
            elif column.name.endswith("_at"):
                value = "2001-01-01T00:00:00+00:00"
            found[column.name] = value
    return found | {"role": "administrator", "state": "published", "public_id": world.things["post", "held"]}


def chunks(extras: dict[str, str], route: APIRoute) -> Iterator[dict[str, str]]:
    """The columns that are no field of this route's form, as many at a time as a form may hold."""
    forms = [getattr(one.call, "reads_form", None) for one in route.dependant.dependencies]
    names = [name for name in extras if not any(form and name in form.model_fields for form in forms)]
    size = MAX_FIELDS - 15
    for start in range(0, len(names), size):
        yield {name: extras[name] for name in names[start : start + size]}


class Looking:
    """Sends forms that are undone, and says what each would have changed."""

    def __init__(self, world: World, ask: Asking, database: Undone) -> None:
        self.ask, self._database = ask, database
        with world.database.reading() as db:
            self._before = rows_of(db)
        self._changed: Changed = {}
        database.look = self._look

    def _look(self, session: Any) -> None:
        self._changed = changes(self._before, rows_of(session))

    def send(self, role: str, path: str, form: Sent) -> tuple[int, Changed]:
        self._changed = {}
        answer = self.ask.post(role, path, form)
        return answer.status, self._changed


def odd_changes(
    looking: Looking, route: APIRoute, role: str, path: str, form: Sent, extras: dict[str, str]
) -> tuple[int, list[str]]:
    """What changes only when columns are added. What differs between two plain sendings is random, and left aside."""
    status, plain = looking.send(role, path, form)
    _, again = looking.send(role, path, form)
    stable = {key for key in plain if plain[key] == again.get(key)}
    found = []
    for more in chunks(extras, route):
        status_then, then = looking.send(role, f"{path}?{urlencode(more)}", {**more, **form})
        found += [f"{path}: {status_then} in place of {status}"] if status_then != status else []
        found += [f"{path}: {key}" for key in set(then) ^ set(plain)]
        found += [f"{path}: {key} became {then.get(key)}" for key in stable if then.get(key) != plain[key]]
    return len(plain), found


def taken(world: World, route: APIRoute) -> tuple[str, str, Sent]:
    """Who sends the form of a route, where, and what, so that it does what it is for."""
    places = addresses(world, route)
    state = TAKEN.get(route.name) or next(iter(places))
    policy = policy_of(route.endpoint)
    assert policy is not None
    role = READERS.get(route.name) or ("guest" if "secret" in route.path else AS[policy.name])
    return role, places[state], form_for(world, route.name, state)


def test_no_column_is_changed_that_a_form_is_not_about(settings: Settings, say: Say) -> None:
    world = make_world(settings)
    extras = columns(world)
    routes = routes_with(world.forum, "POST")
    counted = 0
    with asking(world) as ask, undone(world) as database:
        looking = Looking(world, ask, database)
        for route in routes:
            role, path, form = taken(world, route)
            changed, found = odd_changes(looking, route, role, path, form, extras)
            assert not found, "\n".join(found[:20])
            counted += changed > 0
    assert counted > len(routes) * 2 / 3, "most forms change something of their own"
    tables = len(Base.metadata.tables)
    say(f"P17: {len(routes)} forms with {len(extras)} columns of {tables} tables added: 0 columns changed more")
    world.database.close()


def test_a_form_that_takes_anything_is_seen(settings: Settings) -> None:
    """Control: a route that puts whatever is sent into the member's row, and one that reads it from the address."""
    world = make_world(settings)
    extras = {name: "x" for name in ("pseudonym", "kanarie")}
    planted = plant(world.forum)
    with asking(world) as ask, undone(world) as database:
        looking = Looking(world, ask, database)
        odd = {route.path: odd_changes(looking, route, "owner", route.path, {}, extras)[1] for route in planted}
    assert odd.pop("/planted-nothing") == [] and len(odd) == 1 and all(odd.values())
    world.database.close()


def plant(forum: FastAPI) -> list[APIRoute]:
    from app.posting.routes import Button

    @open_to(MEMBERS)
    def from_the_address(visit: Visit, form: Button) -> str:
        member = visit.db.get_one(Member, visit.member_id)
        for name, value in visit.request.query_params.items():
            if hasattr(member, name):
                setattr(member, name, value)
        return ""

    @open_to(MEMBERS)
    def nothing(visit: Visit, form: Button) -> str:
        return ""

    forum.add_api_route("/planted-address", from_the_address, methods=["POST"])
    forum.add_api_route("/planted-nothing", nothing, methods=["POST"])
    return [route for route in every_route(forum) if route.path.startswith("/planted")]
