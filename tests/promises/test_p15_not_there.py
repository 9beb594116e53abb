"""P15: "not for you" and "not there" are one answer: same status, same page, same headers, whatever was asked."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.promises.crawl import Crawl, recorded
from tests.promises.pressing import pressed
from tests.promises.world import Answer

Say = Callable[[str], None]

__all__ = ["pressed", "recorded"]
pytestmark = pytest.mark.timeout(300)

# What differs between any two answers: the token of a form, the key of a form, and the address that was asked for.
TOKENS = re.compile(r'name="(form_token|once)" value="[^"]*"')


def plain(answer: Answer) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """An answer without what differs between any two."""
    path = answer.path.partition("?")[0]
    hidden = [path, path.replace("/", "%2F"), *(part for part in path.split("/") if len(part) > 12)]
    body, headers = TOKENS.sub("", answer.body), repr(answer.headers)
    for one in sorted(hidden, key=len, reverse=True):
        body, headers = body.replace(one, "…"), headers.replace(one, "…")
    lines = tuple((name, value) for name, value in answer.headers if name != "content-length")
    for one in sorted(hidden, key=len, reverse=True):
        lines = tuple((name, value.replace(one, "…")) for name, value in lines)
    return answer.status, body, lines


def pairs_of(crawled: Crawl) -> list[tuple[Answer, Answer]]:
    """Each answer about a thing that is not for whoever asked, beside the one about what is not there at all."""
    nothing = {
        (crawled.places[answer.path][0], answer.role): answer
        for answer in crawled.answers
        if crawled.places.get(answer.path, ("", ""))[1] == "random"
    }
    pairs = []
    for answer in crawled.answers:
        route, state = crawled.places.get(answer.path, ("", ""))
        like = nothing.get((route, answer.role))
        if like is not None and state != "random" and answer.status == like.status:
            pairs.append((answer, like))
    return pairs


def telling(pairs: list[tuple[Answer, Answer]]) -> list[str]:
    """The pairs of answers that can be told apart."""
    return [f"{one.method} {one.path} as {one.role}" for one, other in pairs if plain(one) != plain(other)]


def test_what_is_not_for_you_is_not_there(recorded: Crawl, pressed: Crawl, say: Say) -> None:
    pairs = pairs_of(recorded) + pairs_of(pressed)
    found = telling(pairs)
    assert not found, "\n".join(found[:30])
    routes = {crawled.places[one.path][0] for crawled in (recorded, pressed) for one, _ in pairs_of(crawled)}
    assert len(pairs) >= 200
    say(f"P15: {len(pairs)} pairs of an invisible and a random id are the same ({len(routes)} routes)")


def test_a_place_in_a_list_tells_nothing_either(recorded: Crawl, say: Say) -> None:
    """`older_than` with a thread one cannot read is as good as with none."""
    asked = [answer for answer in recorded.answers if "?older_than=" in answer.path and answer.status == 200]
    readable = {
        (answer.role, answer.path)
        for answer in recorded.answers
        if answer.path.startswith("/threads/") and answer.status == 200
    }
    count = 0
    for answer in asked:
        board, thread = answer.path.split("?older_than=")
        if (answer.role, f"/threads/{thread}") in readable:
            continue
        first = next(one for one in recorded.answers if (one.role, one.path) == (answer.role, board))
        assert plain(answer) == plain(first), f"{answer.path} as {answer.role}"
        count += 1
    assert count > 20
    say(f"P15: {count} lists after an invisible thread are the list from its start")


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, body=one.body.replace("</h1>", "!</h1>", 1)),
        lambda one: replace(one, headers=(*one.headers, ("x-thread", "there"))),
        lambda one: replace(one, status=403),
    ],
)
def test_a_pair_that_differs_is_seen(recorded: Crawl, change: Callable[[Answer], Answer]) -> None:
    """Control: one sign in the page, one header, another status."""
    one, other = next(pair for pair in pairs_of(recorded) if pair[0].status == 404)
    assert not telling([(one, other)])
    assert telling([(change(one), other)])
