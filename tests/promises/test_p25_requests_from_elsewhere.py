"""P25: another site can send no form in somebody's name, and looking at a page changes nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import text

from app.kit import clock
from app.kit.ids import new_secret
from tests.browser import Browser
from tests.cast import Person
from tests.promises.test_p64_ground import Ground, changed, hash_rows, the_ground  # noqa: F401

Say = Callable[[str], None]

OURS = "https://cafe.example"
# What a browser sends along when the form stands on another site, or when it is no browser at all.
ELSEWHERE: dict[str, dict[str, str]] = {
    "no headers": {},
    "a referer only": {"referer": f"{OURS}/sign-in"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "same-site": {"sec-fetch-site": "same-site"},
    "none": {"sec-fetch-site": "none"},
    "empty": {"sec-fetch-site": ""},
    "capitals": {"sec-fetch-site": "Same-Origin"},
    "cross-site with our origin": {"sec-fetch-site": "cross-site", "origin": OURS},
    "null": {"origin": "null"},
    "another site": {"origin": "https://evil.example"},
    "plain http": {"origin": "http://cafe.example"},
    "another port": {"origin": f"{OURS}:8443"},
    "below us": {"origin": "https://evil.cafe.example"},
    "begins as ours": {"origin": f"{OURS}.evil.example"},
    "ends as ours": {"origin": "https://evilcafe.example"},
    "a path": {"origin": f"{OURS}/"},
    "capitals in the origin": {"origin": "https://CAFE.example"},
    "empty origin": {"origin": ""},
    "form": {"origin": "https://evil.example", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
    "script": {"origin": "https://evil.example", "x-requested-with": "XMLHttpRequest"},
}
OVERRIDES = dict.fromkeys(("x-http-method-override", "x-method-override", "x-http-method"), "POST")


def bare(one: Browser) -> Browser:
    """The same visitor, whose browser says nothing of where a form stands."""
    del one.client.headers["sec-fetch-site"]
    return one


def bad_tokens(ground: Ground, person: Person | None) -> Iterator[tuple[str, str]]:
    """Form tokens that are none of this visitor's."""
    tokens = ground.forum.state.form_tokens
    yield "none", ""
    yield "wrong", "0" * 64
    yield "a letter too many", tokens.make(person.secret if person else None) + "0"
    yield "of another's session", tokens.make(ground.cast.bram.secret)
    yield "of a session that is over", tokens.make(new_secret())
    yield "not ASCII", "é" * 20
    yield "a NUL", "\0" * 64
    yield "nobody's signature", "guest.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA"
    with time_machine.travel(clock.now() - timedelta(hours=25), tick=True):
        yield "a day old", tokens.make(None)
    if person is not None:
        yield "a guest's", tokens.make(None)
        yield "of another device of one's own", tokens.make(ground.device())


def test_no_form_is_taken_from_elsewhere(ground: Ground, say: Say) -> None:
    sent, refused_by = 0, {"origin": 0, "token": 0}
    for route in ground.posts():
        address, filling, person = ground.address(route), ground.filling(route.name), ground.person_for(route)
        here, there = ground.fresh(person), bare(ground.fresh(person))
        token = there.token()
        bad = list(bad_tokens(ground, here.person))
        before = ground.rows()
        for what, headers in ELSEWHERE.items():
            answer = there.post(address, filling, token=token, headers=headers)
            assert answer.status_code == 403, f"{route.path} from {what}: {answer.status_code}"
            refused_by["origin"] += 1
        for what, token in bad:
            answer = here.post(address, filling, token=token)
            assert answer.status_code == 403, f"{route.path} with a token: {what}: {answer.status_code}"
            refused_by["token"] += 1
        good = here.token()
        elsewhere: list[Callable[[], Any]] = [
            lambda: here.client.post(address, data=filling),  # noqa: B023
            lambda: here.client.post(f"{address}?form_token={good}", data=filling),  # noqa: B023
            lambda: here.client.post(address, json={**filling, "form_token": good}),  # noqa: B023
            lambda: here.client.post(address, data=filling, headers={"x-csrf-token": good}),  # noqa: B023
            lambda: here.client.post(address, data=filling, files={"form_token": ("t", good)}),  # noqa: B023
        ]
        for send in elsewhere:
            answer = send()
            assert answer.status_code in {400, 403, 422}, f"{route.path}: {answer.status_code}"
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = here.client.request(method, address)
            assert answer.status_code in {403, 404}, f"{method} {route.path}: {answer.status_code}"
        here.get(f"{address}?_method=POST&form_token={good}", headers=OVERRIDES)
        assert not changed(before, ground.rows()), f"{route.path}: {changed(before, ground.rows())}"
        sent += len(ELSEWHERE) + len(bad) + len(elsewhere) + 5
        answer = here.post(address, filling)
        assert answer.status_code in {200, 303}, f"control: {route.path} takes its own form: {answer.status_code}"
    say(
        f"P25: {sent} requests to {len(ground.posts())} forms, 0 rows changed ({refused_by['origin']} refused for where"
        f" they came from, {refused_by['token']} for their token); control: each form is taken from our own page"
    )


def test_a_browser_without_fetch_headers_may_send_our_origin(ground: Ground) -> None:
    """Control: the refusals above are not for want of headers that old browsers lack."""
    old = bare(ground.fresh(ground.cast.anna))
    assert old.post(f"/threads/{ground.thread}/follow", headers={"origin": OURS}).status_code == 303


def test_looking_changes_nothing(ground: Ground, say: Say) -> None:
    people = {name: ground.fresh(person) for name, person in ground.people().items()}
    addresses = [ground.address(route) for route in ground.gets()]
    queries = ("", "?page_number=2&order=time&next=/account&said=password&done=approve&show=mine&name=Bram&kept=1")
    before = ground.rows()
    looked = 0
    for address in addresses:
        for one in people.values():
            for query in queries:
                one.get(address + query)
        people["member"].client.head(address)
        looked += len(people) * len(queries) + 1
    after = ground.rows()
    assert hash_rows(before) == hash_rows(after), changed(before, after)
    say(f"P25: {looked} GETs and HEADs of {len(addresses)} pages as {len(people)} people: the same hash of all rows")


def test_the_one_thing_that_looking_writes(ground: Ground) -> None:
    """That a device is in use, at most once in ten minutes: no more than that moment changes."""
    with ground.cast.database.writing() as db:
        earlier = clock.now() - timedelta(minutes=11)
        db.execute(text("UPDATE members SET display = ''"))
        db.execute(
            text("UPDATE member_sessions SET last_seen_at = :at WHERE member_id = :id"),
            {"at": earlier.replace(tzinfo=None) if db.get_bind().dialect.name == "sqlite" else earlier,
             "id": ground.cast.anna.id},
        )  # fmt: skip
    before = ground.rows()
    Browser(ground.forum, ground.cast.anna).get("/account")
    after = ground.rows()
    assert changed(before, after) == ["member_sessions"]
    assert len(before["member_sessions"]) == len(after["member_sessions"])
    assert len(set(before["member_sessions"]) - set(after["member_sessions"])) == 1
