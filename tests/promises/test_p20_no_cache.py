"""P20: no cache keeps what a member reads. Only our static files are kept; for ever only under their fingerprint."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from app.kit.pages import STATIC, static_address
from app.kit.settings import Settings
from tests.promises.crawl import Crawl, recorded
from tests.promises.pressing import pressed
from tests.promises.world import Answer, asking, make_world

Say = Callable[[str], None]

__all__ = ["pressed", "recorded"]
pytestmark = pytest.mark.timeout(300)


def cached(answers: Iterable[Answer]) -> list[str]:
    """The answers that a cache on the way might keep."""
    return [
        f"{answer.method} {answer.path} as {answer.role} ({answer.status}): {answer.header('cache-control')!r}"
        for answer in answers
        if [value for name, value in answer.headers if name == "cache-control"] != ["no-store"]
    ]


def test_every_answer_says_no_store(recorded: Crawl, pressed: Crawl, say: Say) -> None:
    answers = (*recorded.answers, *pressed.answers)
    assert not cached(answers), "\n".join(cached(answers)[:20])
    statuses = sorted({answer.status for answer in answers})
    say(f"P20: {len(answers)} of {len(answers)} answers say no-store (statuses {', '.join(map(str, statuses))})")


@pytest.mark.parametrize(
    "headers", [(), (("cache-control", "private"),), (("cache-control", "no-store"), ("cache-control", "max-age=60"))]
)
def test_an_answer_that_may_be_kept_is_seen(recorded: Crawl, headers: tuple[tuple[str, str], ...]) -> None:
    assert cached([replace(recorded.answers[0], headers=headers)])


def test_static_files_are_kept_for_ever_only_under_their_fingerprint(settings: Settings, say: Say) -> None:
    world = make_world(settings)
    files = sorted(str(one.relative_to(STATIC)) for one in STATIC.rglob("*") if one.is_file())
    with asking(world) as ask:
        for name in files:
            assert "immutable" in ask.get("owner", static_address(name)).header("cache-control"), name
            for query in ("", "?v=", "?v=000000000000", "?w=1", f"?{static_address(name).partition('?')[2]}&x=1"):
                answer = ask.get("owner", f"/static/{name}{query}")
                assert answer.status == 200
                assert answer.header("cache-control") == "public, max-age=3600", f"{name}{query}"
            assert not [value for key, value in answer.headers if key == "set-cookie"]
        # A page that pretends to be a file is still a page.
        for trick in (
            "/account/x.css",
            "/account;.css",
            "/static/..%2faccount",
            "/static/../account",
            "/inbox%2f..%2fx.css",
        ):
            assert not cached([ask.get("owner", trick)]), trick
    say(f"P20: {len(files)} static files, immutable under {len(files)} fingerprints and no other address")
    world.database.close()
