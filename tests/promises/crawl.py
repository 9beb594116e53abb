"""Everything that can be asked for with GET, asked by every role, and kept: one crawl for several promises."""

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from re import compile as pattern
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from sqlalchemy import select

from app.kit.ids import new_id
from app.kit.mail import Mail
from app.kit.settings import Settings
from tests.conftest import SECRET, shared
from tests.promises.world import (
    HOST,
    ROLES,
    Answer,
    Asking,
    Canary,
    World,
    addresses,
    asking,
    make_world,
    random_address,
    routes_with,
    word,
)

# Pages about one post, of which there are many: they are asked for by the list of things, not by following links.
BY_LIST = pattern(r"/posts/.*|/threads/\w+/(reply|quote)/.*")

Fresh = Callable[[Path], str]


@dataclass(frozen=True)
class Crawl:
    """The answers to every role at every address, the mails that wait to be sent, and what was logged meanwhile.

    `places` tells of each address of a route which one it is, and the state of what it is about.
    """

    answers: tuple[Answer, ...]
    places: dict[str, tuple[str, str]]
    mails: tuple[tuple[str, str, str], ...]
    log: tuple[str, ...]
    canaries: dict[str, Canary]


def crawl(world: World) -> Crawl:
    """Follow each role's links from the home page; then ask for whatever anybody found, and all known, as everybody."""
    places = places_of(world, "GET")
    log = _Kept()
    logging.getLogger().addHandler(log)
    try:
        with asking(world) as ask:
            known = known_addresses(world) | set(places)
            answers = {("owner", "draft"): _draft(world, ask)}
            for role in ROLES:
                _follow(ask, role, answers)
            known |= {path for _, path in answers if path.startswith("/")}
            for role in ROLES:
                for path in sorted(known):
                    if (role, path) not in answers:
                        answers[role, path] = ask.get(role, path)
    finally:
        logging.getLogger().removeHandler(log)
    with world.database.reading() as db:
        mails = tuple((one.recipient, one.subject, one.text) for one in db.scalars(select(Mail).order_by(Mail.id)))
    return Crawl(tuple(answers.values()), places, mails, tuple(log.lines), dict(world.canaries))


def places_of(world: World, method: str) -> dict[str, tuple[str, str]]:
    """Each address of each route: which route it is, and the state of what it is about; "random" is about nothing."""
    found: dict[str, tuple[str, str]] = {}
    for route in routes_with(world.forum, method):
        name = f"{method} {route.path}"
        found |= {path: (name, state) for state, path in addresses(world, route).items()}
        nothing = random_address(world, route)
        found |= {nothing: (name, "random")} if nothing else {}
    return found


def known_addresses(world: World) -> set[str]:
    """What no route's own address tells: lists in their other orders and stretches, and what is not there."""
    found = {f"/moderation/cases/{case}" for (kind, _), case in world.things.items() if kind == "case of opening"}
    mine = world.things["post of the naaste", "moved"]
    found |= {f"/posts/{mine}", *(f"/posts/{mine}/{act}" for act in ("edit", "sent", "withdraw"))}
    threads = {thing for (kind, _), thing in world.things.items() if kind == "thread"}
    for thread in threads:
        found |= {f"/threads/{thread}", f"/threads/{thread}?order=time"}
        found |= {f"/boards/{world.things['board', 'members_board']}?older_than={thread}"}
    found |= {f"/boards/{slug}?older_than={new_id()}" for (kind, _), slug in world.things.items() if kind == "board"}
    found |= {
        f"/moderation/queue?show={show}&board={slug}"
        for show in ("all", "reports")
        for slug in ("", "onder-ons", "bij-omar")
    }
    found |= {f"/administration/members?name={one.pseudonym}" for one in world.people.values() if one}
    return (
        found
        | {"/nowhere", "/threads/1", "/posts/1", "/static/nothing.css", "/inbox?page=2", "/my-posts?page=2"}
        | {f"/threads/{world.things['thread', 'hidden']}?page_number=9"}
    )


def _draft(world: World, ask: Asking) -> Answer:
    """An error page that gives the owner's words back."""
    path = f"/threads/{world.things['thread', 'members_board']}/replies"
    world.canary("words on an error page", {"owner"})
    return ask.ask("owner", "POST", path, {"form_token": "old", "text": f"Nog even. {word('words on an error page')}"})


def _follow(ask: Asking, role: str, answers: dict[tuple[str, str], Answer]) -> None:
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        if (role, path) in answers:
            continue
        answer = answers[role, path] = ask.get(role, path)
        waiting += [link for link in links_of(answer) if (role, link) not in answers and not BY_LIST.fullmatch(link)]


def links_of(answer: Answer) -> list[str]:
    """The pages of ours that an answer links or leads to."""
    raw = [value for tag, name, value in attributes_of(answer.body) if (tag, name) == ("a", "href")]
    raw += [answer.header("location")] if answer.header("location") else []
    found = (urlsplit(urldefrag(urljoin(f"{HOST}{answer.path}", one))[0]) for one in raw)
    ours = (one for one in found if f"{one.scheme}://{one.netloc}" == HOST)
    return [one.path + (f"?{one.query}" if one.query else "") for one in ours]


def attributes_of(html: str) -> Iterator[tuple[str, str, str]]:
    """Each tag's attributes: (tag, name, value)."""
    reader = _Attributes()
    reader.feed(html)
    reader.close()
    return iter(reader.found)


def different(answers: Iterable[Answer]) -> list[Answer]:
    """One answer for each page that somebody saw: that nothing is there was said many times in the same words."""
    return list({(answer.role, answer.body): answer for answer in answers}.values())


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name, value or "") for name, value in attributes]


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] != "asyncio":
            self.lines.append(f"{record.name} {record.getMessage()} {record.exc_text or ''}")


def kept(factory: pytest.TempPathFactory, fresh: Fresh, name: str, record: Callable[[World], Crawl]) -> Crawl:
    """What `record` found in a fresh world: made by whichever worker asks first, and read by the others."""

    def make(folder: Path) -> None:
        settings = Settings(_env_file=None, base_url=HOST, secret_key=SECRET, database_url=fresh(folder), var=folder)
        world = make_world(settings)
        (folder / "answers").write_bytes(pickle.dumps(record(world)))
        world.database.close()

    found = pickle.loads((shared(factory, name, make) / "answers").read_bytes())
    assert isinstance(found, Crawl)
    return found


@pytest.fixture(scope="session")
def recorded(fresh_database: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """Every page, asked for by every role."""
    return kept(tmp_path_factory, fresh_database, "crawl", crawl)
