"""P26: no page of ours stands in a frame of another, error pages and refusals included."""

from collections.abc import Callable
from typing import Any

from fastapi import Response
from sqlalchemy.exc import OperationalError

from app.kit.permission import open_to
from app.members.viewer import EVERYONE
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]


def is_framable(answer: Any) -> bool:
    """Whether a browser may show this answer in a frame: both headers must forbid it, each once."""
    policies = answer.headers.get_list("content-security-policy")
    directives = [part.strip() for policy in policies for part in policy.split(";")]
    return directives.count("frame-ancestors 'none'") != 1 or answer.headers.get_list("x-frame-options") != ["DENY"]


def test_no_answer_can_be_framed(ground: Ground, say: Say) -> None:
    @open_to(EVERYONE)
    def broken() -> Response:
        raise RuntimeError("planted")

    @open_to(EVERYONE)
    def without_database() -> Response:
        raise OperationalError("planted", None, Exception())

    ground.forum.add_api_route("/broken", broken)
    ground.forum.add_api_route("/without-database", without_database)
    answers: dict[str, Any] = {}
    addresses = {route.name: ground.address(route) for route in ground.routes}
    for who, person in ground.people().items():
        one = ground.fresh(person)
        for route in ground.gets():
            answers[f"{who} {route.path}"] = one.get(addresses[route.name])
        odd = {
            "404": one.get("/nowhere"),
            "405": one.post("/rules"),
            "422": one.get("/threads/aaaaaaaaaaaaaaaaaaaa?page_number=x"),
            "413": one.post("/sign-in", {"email": "x" * 300_000}),
            "400 host": one.get("/", headers={"host": "evil.example"}),
            "403 origin": one.post("/sign-in", headers={"sec-fetch-site": "cross-site"}),
            "500": one.get("/broken"),
            "503": one.get("/without-database"),
            "static": one.get("/static/css/cafe.css"),
            "static 404": one.get("/static/nowhere.css"),
            "robots": one.get("/robots.txt"),
            "slash": one.get("/rules/"),
        }
        wanted = {"404": 404, "413": 413, "400 host": 400, "403 origin": 403, "500": 500, "503": 503, "static": 200}
        assert {name: odd[name].status_code for name in wanted} == wanted
        answers |= {f"{who} {name}": answer for name, answer in odd.items()}
    for route in ground.posts():
        one = ground.fresh(ground.person_for(route))
        answers[f"POST {route.path} without token"] = one.post(addresses[route.name], token="")
        answers[f"POST {route.path}"] = one.post(addresses[route.name], {"nonsense": "x"})
    framable = [name for name, answer in answers.items() if is_framable(answer)]
    assert not framable, framable
    codes = sorted({answer.status_code for answer in answers.values()})
    say(f"P26: {len(answers)} answers ({', '.join(map(str, codes))}), 0 can be framed")


def test_a_framable_answer_is_noticed(ground: Ground, say: Say) -> None:
    planted = [{"x-frame-options": "SAMEORIGIN"}, {"content-security-policy": "frame-ancestors 'self'"}]
    for number, headers in enumerate(planted):
        ground.forum.add_api_route(f"/framable-{number}", _answering(headers))
        assert is_framable(ground.fresh(None).get(f"/framable-{number}")), headers
    say(f"P26 control: {len(planted)} of {len(planted)} planted framable answers noticed")


def _answering(headers: dict[str, str]) -> Callable[[], Response]:
    @open_to(EVERYONE)
    def answer() -> Response:
        return Response("x", headers=headers)

    return answer
