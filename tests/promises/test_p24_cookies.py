"""P24: every cookie of ours is bound to this host, hidden from scripts, and sent over https; guests get none."""

from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from typing import Any

from fastapi import Response

from app.kit.permission import open_to
from app.kit.settings import Settings
from app.main import build
from app.members.viewer import EVERYONE
from tests.browser import Browser
from tests.cast import Cast
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]


def cookies_of(answer: Any) -> list[str]:
    return list(answer.headers.get_list("set-cookie"))


def faults(cookie: str) -> list[str]:
    """What is not locked about a Set-Cookie header."""
    parsed = SimpleCookie(cookie)
    found = [] if len(parsed) == 1 else ["not one cookie"]
    for name, morsel in parsed.items():
        wanted = {"__Host-": name.startswith("__Host-"), "Secure": morsel["secure"], "HttpOnly": morsel["httponly"]}
        wanted |= {"Lax": morsel["samesite"].lower() == "lax", "Path": morsel["path"] == "/"}
        wanted |= {"no Domain": not morsel["domain"]}
        found += [what for what, holds in wanted.items() if not holds]
    return found


def test_every_cookie_of_every_route_is_locked(ground: Ground, say: Say) -> None:
    answers: list[tuple[str, Any]] = []
    for route in ground.gets():
        address = ground.address(route)
        answers += [(route.path, ground.fresh(one).get(address)) for one in ground.people().values()]
    for route in ground.posts():
        address = ground.address(route)
        answers.append((route.path, ground.fresh(None).post(address, {"nonsense": "x"})))
        answers.append((route.path, ground.fresh(ground.person_for(route)).post(address, ground.filling(route.name))))
    answers.append(("/display", ground.fresh(None).post("/display", ground.filling("send_display"))))
    set_by = [(path, cookie) for path, answer in answers for cookie in cookies_of(answer)]
    found = [f"{path}: {cookie}: {faults(cookie)}" for path, cookie in set_by if faults(cookie)]
    assert not found, found
    assert {path for path, _ in set_by} >= {
        "/display", "/confirm/{secret}", "/sign-in/link/{secret}", "/sign-out", "/account/password",
        "/account/devices/end",
    }  # fmt: skip
    say(f"P24: {len(set_by)} cookies in {len(answers)} answers of {len(ground.routes)} routes, 0 unlocked")


def test_a_guest_who_only_reads_gets_no_cookie(ground: Ground, say: Say) -> None:
    guest = ground.fresh(None)
    paths = [ground.address(route) for route in ground.gets()]
    paths += ["/nowhere", "/static/css/nowhere.css", f"/threads/{'a' * 20}", "/threads/x?page_number=x"]
    answers = [guest.get(path) for path in paths] + [guest.post("/rules"), guest.post("/sign-in", token="wrong")]
    assert not [cookie for answer in answers for cookie in cookies_of(answer)]
    assert not guest.client.cookies
    chosen = guest.post("/display", ground.filling("send_display"))
    assert [cookie.split("=")[0] for cookie in cookies_of(chosen)] == ["__Host-view"], "control: only when one chooses"
    say(f"P24: 0 cookies for a guest in {len(answers)} answers; control: the one they choose on /display")


def test_an_unlocked_cookie_is_noticed(ground: Ground, say: Say) -> None:
    good = "__Host-s=x; HttpOnly; Path=/; SameSite=lax; Secure"
    planted = [
        "s=x; HttpOnly; Path=/; SameSite=lax; Secure",
        "__Host-s=x; Path=/; SameSite=lax; Secure",
        "__Host-s=x; HttpOnly; Path=/; SameSite=lax",
        "__Host-s=x; HttpOnly; Path=/; Secure",
        "__Host-s=x; HttpOnly; Path=/; SameSite=none; Secure",
        "__Host-s=x; HttpOnly; Path=/account; SameSite=lax; Secure",
        "__Host-s=x; HttpOnly; Path=/; SameSite=lax; Secure; Domain=cafe.example",
    ]
    assert not faults(good) and all(map(faults, planted))

    @open_to(EVERYONE)
    def leaky() -> Response:
        answer = Response("x")
        answer.set_cookie("seen", "1")
        return answer

    ground.forum.add_api_route("/leaky", leaky)
    assert [faults(one) for one in cookies_of(ground.fresh(None).get("/leaky"))] != [[]]
    say(f"P24 control: {len(planted) + 1} of {len(planted) + 1} planted unlocked cookies noticed")


def test_on_this_machine_itself_a_cookie_does_without_https(settings: Settings) -> None:
    """Browsers refuse `__Host-` over plain http; everything else stays locked."""
    forum = build(settings.model_copy(update={"base_url": "http://127.0.0.1:8000"}), with_postman=False)
    cast = Cast(forum.state.database)
    answer = Browser(forum, cast.anna).post("/sign-out")
    assert _names(cookies_of(answer)) == ["s"]
    assert faults(cookies_of(answer)[0]) == ["__Host-", "Secure"]
    forum.state.database.close()


def _names(cookies: Iterable[str]) -> list[str]:
    return [cookie.split("=")[0] for cookie in cookies]
