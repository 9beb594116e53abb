"""P11, P10: pages load nothing from elsewhere, and every answer, whatever went wrong, forbids it (D6)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app.kit.guarding import ANSWER_HEADERS, CONTENT_SECURITY, MAX_BODY
from app.kit.pages import static_address
from app.kit.settings import Settings
from tests.promises.crawl import Crawl, attributes_of, different, recorded
from tests.promises.pressing import pressed
from tests.promises.world import Answer, asking, make_world

Say = Callable[[str], None]

__all__ = ["pressed", "recorded"]
pytestmark = pytest.mark.timeout(300)

LOADING = {
    ("link", "href"), ("script", "src"), ("img", "src"), ("img", "srcset"), ("use", "href"), ("use", "xlink:href"),
    ("image", "href"), ("source", "src"), ("source", "srcset"), ("iframe", "src"), ("object", "data"), ("embed", "src"),
    ("video", "src"), ("video", "poster"), ("audio", "src"), ("track", "src"), ("input", "src"), ("body", "background"),
    ("form", "action"), ("button", "formaction"), ("a", "ping"), ("base", "href"), ("html", "manifest"),
}  # fmt: skip
NEVER = {"style", "iframe", "object", "embed", "base", "frame", "video", "audio"}


def loads(html: str) -> tuple[int, list[str]]:
    """How much a page loads or sends to, and what of that is not plainly ours."""
    count, foreign = 0, []
    for tag, name, value in attributes_of(html):
        if (tag, name) in LOADING:
            count += 1
            ours = value.startswith("/") and not value.startswith("//") and "\\" not in value
            foreign += [] if ours or (tag, name, value) == ("form", "action", "") else [f"<{tag} {name}={value!r}>"]
        inline = name.startswith("on") or name == "style" or tag in NEVER
        foreign += [f"<{tag} {name}={value!r}>"] if inline else []
    return count, foreign


def unguarded(answers: Iterable[Answer]) -> list[str]:
    """The answers that lack one of the headers of D6 and D7."""
    return [
        f"{answer.method} {answer.path} ({answer.status}): {name}"
        for answer in answers
        for name, wanted in ANSWER_HEADERS.items()
        if [value for key, value in answer.headers if key == name.lower()] != [wanted]
    ]


def test_pages_load_nothing_from_elsewhere(recorded: Crawl, pressed: Crawl, say: Say) -> None:
    total, pages = 0, 0
    for answer in different((*recorded.answers, *pressed.answers)):
        count, foreign = loads(answer.body)
        assert not foreign, f"{answer.path} as {answer.role}: {foreign}"
        total, pages = total + count, pages + bool(answer.body)
    say(f"P11: 0 of {total} references in {pages} pages leave this site")


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://elders.example/1.gif">', '<link rel="icon" href="//elders.example/i.svg">',
        '<svg><use href="data:image/svg+xml,x#y"/></svg>', '<p style="background: url(//elders.example)">',
        '<form action="https://elders.example/">', '<a href="/" ping="https://elders.example/">',
        '<script src="http://cafe.example/x.js"></script>', '<p onclick="x()">',
    ],
)  # fmt: skip
def test_a_reference_elsewhere_is_seen(html: str) -> None:
    assert loads(html)[1]


def test_every_answer_forbids_it(recorded: Crawl, pressed: Crawl, say: Say) -> None:
    answers = (*recorded.answers, *pressed.answers)
    assert not unguarded(answers), "\n".join(unguarded(answers)[:20])
    assert CONTENT_SECURITY.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in CONTENT_SECURITY and "http" not in CONTENT_SECURITY and "*" not in CONTENT_SECURITY
    say(f"P11: {len(answers)} of {len(answers)} answers carry the {len(ANSWER_HEADERS)} headers of D6 and D7")


def test_a_missing_header_is_seen(recorded: Crawl) -> None:
    one = recorded.answers[0]
    assert not unguarded([one])
    for name in ANSWER_HEADERS:
        assert unguarded([replace(one, headers=tuple(line for line in one.headers if line[0] != name.lower()))])
    assert unguarded([replace(one, headers=(*one.headers, ("content-security-policy", "default-src *")))])


def test_every_status_forbids_it(settings: Settings, monkeypatch: pytest.MonkeyPatch, say: Say) -> None:
    """Also what goes wrong before a page is made, while it is made, and after."""
    world = make_world(settings)
    thread = f"/threads/{world.things['thread', 'members_board']}"
    file = static_address("css/cafe.css")
    many = {f"field{number}": "x" for number in range(100)}
    with asking(world) as ask:
        answers = [
            ask.get("owner", "/", host="elders.example"),
            ask.ask("owner", "POST", f"{thread}/replies", {"text": "x"}, sec_fetch_site="cross-site"),
            ask.ask("owner", "POST", f"{thread}/replies", {"text": "x"}),
            ask.post("owner", f"{thread}/replies", {"text": "x" * MAX_BODY}),
            ask.post("owner", f"{thread}/replies", many),
            ask.post("owner", f"{thread}/replies", {"text": ""}),
            ask.get("owner", "/nowhere"),
            ask.get("owner", f"{thread}?page_number=x"),
            ask.ask("owner", "PUT", "/"),
            ask.get("owner", "/confirm/nothing"),
            ask.get("guest", "/inbox"),
            ask.get("owner", file),
            ask.get("owner", file, if_none_match=ask.get("owner", file).header("etag")),
            ask.get("owner", "/static/nothing.css"),
            ask.get("owner", "/healthz"),
            ask.get("owner", "/robots.txt"),
        ]
        for error in (RuntimeError("ours"), OperationalError("select", {}, Exception("gone"))):
            monkeypatch.setattr("app.threads.routes.read_menu", _failing(error))
            answers.append(ask.get("owner", "/"))
    statuses = {answer.status for answer in answers}
    assert statuses >= {200, 303, 304, 400, 403, 404, 410, 413, 422, 500, 503}, statuses
    assert not unguarded(answers), "\n".join(unguarded(answers))
    say(f"P11: {len(answers)} answers of {len(statuses)} statuses carry them, static files too")
    world.database.close()


def _failing(error: Exception) -> Callable[..., Any]:
    def fail(*rest: Any) -> None:
        raise error

    return fail
