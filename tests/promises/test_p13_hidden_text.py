"""P13: hidden text leaks nowhere. A canary in every hidden thing; every page asked as every role; none out of place."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from sqlalchemy import true

from app.kit.settings import Settings
from app.threads import visibility
from tests.promises.crawl import Crawl, recorded
from tests.promises.world import Answer, Canary, asking, make_world, word, words_in

Say = Callable[[str], None]

__all__ = ["recorded"]
pytestmark = pytest.mark.timeout(300)  # the crawl is made within the first test that asks for it

# Words that say of somebody that they are ill, or where they write. "Lotgenotencafé" is not even the sender.
TELLING = ("lotgeno", "spierziek", "ziekte", "diagnos", "patiënt", "zenuw", "medic", "gbs", "cidp", "mmn", "dvn")


def leaks_in(answers: Iterable[Answer], canaries: dict[str, Canary]) -> list[str]:
    """Where a canary shows to somebody who must not read it: in a body, a header, or an address led to."""
    found = []
    for answer in answers:
        seen = answer.body + "\n".join(value for _, value in answer.headers)
        for one in words_in(seen):
            if not canaries[one].may_show(answer.role, answer.path.partition("?")[0]):
                found.append(f"{answer.role} {answer.method} {answer.path} ({answer.status}): {canaries[one].name}")
    return found


def test_no_hidden_text_shows_to_anybody_who_may_not_read_it(recorded: Crawl, say: Say) -> None:
    found = leaks_in(recorded.answers, recorded.canaries)
    assert not found, "\n".join(sorted(found)[:40])
    addresses = len({answer.path for answer in recorded.answers})
    roles = len({answer.role for answer in recorded.answers})
    say(
        f"P13: 0 of {len(recorded.canaries)} canaries leak in {len(recorded.answers)} answers"
        f" ({roles} roles, {addresses} addresses)"
    )


def test_whoever_may_read_a_hidden_text_comes_across_it(recorded: Crawl, say: Say) -> None:
    """Control of the crawl: a canary that nobody meets proves nothing by its absence."""
    seen: dict[str, set[str]] = {}
    for answer in recorded.answers:
        for one in words_in(answer.body):
            seen.setdefault(one, set()).add(answer.role)
    unmet = [
        f"{one.name}: {role}" for made, one in recorded.canaries.items() for role in one.readers - seen.get(made, set())
    ]
    assert not unmet, "\n".join(unmet)
    say(f"P13: each of {sum(len(one.readers) for one in recorded.canaries.values())} readers met their canary")


def test_a_planted_leak_is_seen(recorded: Crawl) -> None:
    """Control of the search: one word more on one page, in one address led to."""
    guests = next(answer for answer in recorded.answers if answer.role == "guest" and answer.path == "/")
    hidden = word("title of opening held")
    assert leaks_in([replace(guests, body=guests.body + hidden)], recorded.canaries)
    assert leaks_in([replace(guests, headers=(("location", f"/boards/{hidden.upper()}"),))], recorded.canaries)


def test_a_query_without_its_clause_is_seen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the whole: a café that forgets one clause leaks, and we see it."""
    world = make_world(settings)
    with asking(world) as ask:
        path = f"/threads/{world.things['thread of post', 'held']}"
        assert not leaks_in([ask.get("lotgenoot", path)], world.canaries)
        monkeypatch.setattr(visibility, "_sees_all", lambda viewer: true())
        assert leaks_in([ask.get("lotgenoot", path)], world.canaries)
    world.database.close()


def test_taking_back_a_post_that_moved_does_not_say_where_to(settings: Settings) -> None:
    world = make_world(settings)
    with asking(world) as ask:
        answer = ask.post("naaste", f"/posts/{world.things['post of the naaste', 'moved']}/withdraw")
    assert (answer.status, answer.header("location")) == (303, "/my-posts")
    world.database.close()


def test_mails_say_nothing(recorded: Crawl, say: Say) -> None:
    for recipient, subject, text in recorded.mails:
        words = f"{subject}\n{text}".lower()
        assert not words_in(words), f"a hidden word in the mail {subject!r}"
        assert recipient not in words
        telling = [one for one in TELLING if one in words]
        assert not telling, f"{subject!r} says {telling}"
    assert len(recorded.mails) > 10
    kinds = len({subject for _, subject, _ in recorded.mails})
    say(f"P13: 0 hidden or telling words in {len(recorded.mails)} mails ({kinds} kinds)")


def test_logs_hold_no_hidden_text(recorded: Crawl, say: Say) -> None:
    assert not [line for line in recorded.log if words_in(line)]
    say(f"P13: 0 canaries in the {len(recorded.log)} lines that {len(recorded.answers)} requests logged")


@pytest.mark.parametrize("error", [RuntimeError, ValueError])
def test_a_failure_is_logged_without_what_was_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    """The worst case: our own mistake, with the text in the very words of the error."""
    world = make_world(settings)

    def fail(text: str, *rest: object) -> None:
        raise error(f"cannot read {text}")

    monkeypatch.setattr("app.posting.routes.submit_reply", lambda db, thread, author, text, *rest: fail(text))
    draft = word("a draft")
    with asking(world) as ask, caplog.at_level("DEBUG"):
        thread = world.things["thread", "members_board"]
        answer = ask.post("lotgenoot", f"/threads/{thread}/replies", {"text": f"Ik denk {draft}."})
    assert answer.status == 500
    assert draft in answer.body, "and the words come back"
    assert "send_reply failed" in caplog.text
    assert not words_in(caplog.text)
    world.database.close()
