"""P12: every address, method, role and state is decided, in `matrix.toml`; a route that is not there fails here.

The matrix is written by hand and read by people: change it first, and the code after it.
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from app.kit.permission import open_to
from app.kit.settings import Settings
from app.main import UndeclaredRoute, check_declared, every_route
from app.members.viewer import EVERYONE, MEMBERS, Visit
from tests.promises.crawl import Crawl, recorded
from tests.promises.pressing import forms, pressed
from tests.promises.world import ROLES, STATES, Answer, asking, make_world, routes_with, undone

Say = Callable[[str], None]
Matrix = dict[str, dict[str, dict[str, str]]]

__all__ = ["pressed", "recorded"]
pytestmark = pytest.mark.timeout(300)  # what is recorded is made within the first test that asks for it

MATRIX = Path(__file__).with_name("matrix.toml")
WORDS = {200: "ok", 303: "go", 403: "no", 404: "none", 409: "conflict", 410: "old", 422: "wrong"}
DONE = {"ok", "go", "wrong", "conflict"}  # the other ones changed nothing, whatever was sent
METHODS = ("HEAD", "PUT", "DELETE")


def read_matrix() -> Matrix:
    """Per route and state what each role gets."""
    found = tomllib.loads(MATRIX.read_text("utf-8"))
    assert tuple(found.pop("roles")) == ROLES
    return {
        route: {state: dict(zip(ROLES, cells.split(), strict=True)) for state, cells in states.items()}
        for route, states in found.items()
    }


def word_for(answer: Answer) -> str:
    """What an answer says, in a word of the matrix. `in`: a guest is sent to sign in, and led back after."""
    if answer.status == 303 and answer.header("location").startswith("/sign-in?next="):
        return "in"
    return WORDS.get(answer.status, str(answer.status))


def differences(matrix: Matrix, answers: Iterable[Answer], places: dict[str, tuple[str, str]]) -> list[str]:
    """Where the forum does not do what the matrix says, or changes something for whom it refuses."""
    found = []
    for answer in answers:
        if answer.path not in places:
            continue
        route, state = places[answer.path]
        wanted = matrix.get(route, {}).get(state, {}).get(answer.role, "nothing")
        if word_for(answer) != wanted:
            found.append(f"{route} {state} as {answer.role}: {word_for(answer)}, the matrix says {wanted}")
        if answer.wrote and wanted not in DONE:
            found.append(f"{route} {state} as {answer.role}: refused, and yet {answer.wrote} statements wrote")
    return found


def missing(matrix: Matrix, forum: FastAPI) -> set[str]:
    """The routes that are not in the matrix, and those in it that are no more."""
    routes = {f"{method} {route.path}" for route in every_route(forum) for method in route.methods or ()}
    return routes ^ set(matrix)


def test_every_route_stands_in_the_matrix(forum: FastAPI, say: Say) -> None:
    matrix = read_matrix()
    assert not missing(matrix, forum), f"say in {MATRIX.name} who may: {sorted(missing(matrix, forum))}"
    say(f"P12: {len(matrix)} of {len(matrix)} routes stand in the matrix")


def test_a_new_route_is_missed(forum: FastAPI) -> None:
    forum.add_api_route("/new", planted)
    assert missing(read_matrix(), forum) == {"GET /new"}


def test_every_form_has_a_filling(settings: Settings) -> None:
    world = make_world(settings)
    routes = {route.name for route in routes_with(world.forum, "POST")}
    assert routes == set(forms(world))
    world.database.close()


def test_the_forum_does_what_the_matrix_says(recorded: Crawl, pressed: Crawl, say: Say) -> None:
    matrix = read_matrix()
    found = [one for crawled in (recorded, pressed) for one in differences(matrix, crawled.answers, crawled.places)]
    assert not found, "\n".join(found[:40])
    asked = {
        (*crawled.places[answer.path], answer.role)
        for crawled in (recorded, pressed)
        for answer in crawled.answers
        if answer.path in crawled.places
    }
    cells = {
        (route, state, role) for route, states in matrix.items() for state, roles in states.items() for role in roles
    }
    assert asked == cells, f"never asked: {sorted(cells - asked)[:10]}"
    refused = sum(matrix[route][state][role] not in DONE for route, state, role in cells)
    say(
        f"P12: 0 differences in {len(cells)} cells ({len(matrix)} routes, {len(ROLES)} roles,"
        f" {len(STATES)} states); {refused} refusals wrote nothing"
    )


def test_a_difference_is_seen(pressed: Crawl) -> None:
    """Control: an answer that lets somebody in, and a refusal that yet writes."""
    matrix = read_matrix()
    refused = next(answer for answer in pressed.answers if answer.role == "naaste" and answer.status == 404)
    assert not differences(matrix, [refused], pressed.places)
    assert differences(matrix, [replace(refused, status=303)], pressed.places)
    assert differences(matrix, [replace(refused, wrote=1)], pressed.places)


def test_a_door_left_open_is_seen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the whole: `own_post` that forgets whose post it is."""
    world = make_world(settings)
    matrix, path = read_matrix(), f"/posts/{world.things['post', 'members_board']}/withdraw"
    place = {path: ("POST /posts/{post_id}/withdraw", "members_board")}
    with asking(world) as ask, undone(world):
        assert not differences(matrix, [ask.post("lotgenoot", path)], place)
        monkeypatch.setattr("app.threads.access.own_post", _anybodys_post)
        assert differences(matrix, [ask.post("lotgenoot", path)], place)
    world.database.close()


def _anybodys_post(db: Any, viewer: Any, post_id: str) -> Any:
    from app.threads.access import post_for_reading

    return post_for_reading(db, viewer, post_id)


def test_no_other_method_does_anything(settings: Settings, say: Say) -> None:
    world = make_world(settings)
    methods: dict[str, set[str]] = {}
    for route in every_route(world.forum):
        methods.setdefault(route.path, set()).update(route.methods or ())
    count = 0
    with asking(world) as ask, undone(world) as database:
        for path, declared in methods.items():
            address = path.format_map({**dict.fromkeys(("slug", "secret"), "dagelijks"), **_Ids(world.things)})
            page = ask.get("moderator", address)
            for method in {*METHODS, "GET", "POST"} - declared:
                answer = ask.ask("moderator", method, address, {"form_token": ask.token("moderator")})
                # HEAD is a page without its body; whatever else no route declares is not there.
                head = method == "HEAD" and "GET" in declared
                wanted = (page.status, "") if head else (404, answer.body)
                assert (answer.status, answer.body) == wanted, f"{method} {path}: {answer.status}"
                count += 1
        assert not database.wrote
    say(f"P12: {count} undeclared methods are 404, or HEAD for a page")
    world.database.close()


class _Ids(dict[str, str]):
    def __init__(self, things: dict[tuple[str, str], str]) -> None:
        super().__init__(
            {
                "thread_id": things["thread", "members_board"],
                "post_id": things["post", "members_board"],
                "to": things["post", "members_board"],
                "case_id": things["case", "members_board"],
                "letter_id": things["letter", "owners"],
                "member_id": things["member", "confirmed"],
                "device_id": things["device", "owners"],
            }
        )


# --- the forum does not start with a hole ----------------------------------------------------------------------------


@open_to(EVERYONE)
def planted(visit: Visit) -> Response:
    return PlainTextResponse("planted")


def undeclared(visit: Visit) -> Response:
    return PlainTextResponse("planted")


@open_to(MEMBERS)
def formless(visit: Visit) -> Response:
    return PlainTextResponse("planted")


@pytest.mark.parametrize(("endpoint", "method", "why"), [(undeclared, "GET", "@open_to"), (formless, "POST", "filled")])
def test_the_forum_refuses_to_start(forum: FastAPI, endpoint: Any, method: str, why: str) -> None:
    check_declared(forum)
    forum.add_api_route("/planted", endpoint, methods=[method])
    with pytest.raises(UndeclaredRoute, match=why):
        check_declared(forum)


def test_building_the_forum_asks_every_router(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi import APIRouter

    import app.main

    router = APIRouter()
    router.add_api_route("/planted", undeclared)
    monkeypatch.setattr(app.main, "ROUTERS", (*app.main.ROUTERS, router))
    with pytest.raises(UndeclaredRoute, match="/planted"):
        app.main.build(settings, with_postman=False)
