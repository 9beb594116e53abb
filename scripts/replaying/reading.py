"""Reading the whole forum as somebody: every link that can be followed, and every address that anybody knows."""

import re
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit
from zlib import crc32

from replaying.cast import Person
from replaying.posts import Text

# What each post has of its own. Of the links to it one in so many is followed, or we would read little else.
SHEET = re.compile(r"^/(?:threads/\w+/(?:reply|quote)/\w+|posts/\w+/(?:edit|withdraw|report))$")
ONE_IN = 10
NOT_THE_FORUM = re.compile(r"^/(?:static|dev)/")
POST = re.compile(r"^/posts/(\w+)$")
WAYS_TO_A_POST = (
    "/posts/{post}",
    "/posts/{post}/edit",
    "/posts/{post}/withdraw",
    "/posts/{post}/sent",
    "/posts/{post}/report",
    "/threads/{talk}/reply/{post}",
    "/threads/{talk}/quote/{post}",
    "/moderation/posts/{post}",
)


class Finder(Protocol):
    """Looks at what a page says."""

    def found_in(self, html: str) -> set[str]: ...


@dataclass
class Reading:
    """What somebody came across."""

    who: str
    statuses: Counter[int] = field(default_factory=Counter)
    seen: dict[str, str] = field(default_factory=dict)  # text id: the first page that showed it
    told: set[str] = field(default_factory=set)  # posts that the inbox names
    cases: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    dead: dict[str, str] = field(default_factory=dict)  # a link that leads nowhere: the page it stands on

    @property
    def pages(self) -> int:
        return sum(self.statuses.values())


@dataclass(frozen=True)
class _Answer:
    address: str
    status: int
    html: str
    links: tuple[str, ...]
    found: frozenset[str]


def read_forum(
    person: Person, search: Finder, pool: ThreadPoolExecutor, known: Iterable[str] = (), *, every_post: bool = True
) -> Reading:
    """Follow every link from the home page on, and try the addresses in `known` as well."""
    reading = Reading(person.name)
    waiting = dict.fromkeys(["/", *known], "")
    visited = set(waiting)
    while waiting:
        came: dict[str, str] = {}
        for answer in pool.map(lambda address: _fetch(person, search, address), waiting):
            _note(reading, answer, waiting[answer.address])
            for link in answer.links:
                if link not in visited and _is_followed(link, every_post):
                    visited.add(link)
                    came[link] = answer.address
        waiting = came
    return reading


def ways_to(texts: Iterable[Text], *, all_ways: bool) -> list[str]:
    """Addresses of posts: the lasting one, or all that a post has."""
    ways = WAYS_TO_A_POST if all_ways else WAYS_TO_A_POST[:1]
    return [way.format(post=text.post_id, talk=text.talk.id) for text in texts for way in ways]


def _fetch(person: Person, search: Finder, address: str) -> _Answer:
    page = person.browser.get(address, follow=False)
    links = [leads_to for _, leads_to in page.chain] or page.links
    clean = dict.fromkeys(link.partition("#")[0] for link in links if not urlsplit(link).netloc)
    own = tuple(link for link in clean if link.startswith("/"))
    return _Answer(address, page.status, page.html, own, frozenset(search.found_in(page.html)))


def _note(reading: Reading, answer: _Answer, linked_from: str) -> None:
    reading.statuses[answer.status] += 1
    for text in answer.found:
        reading.seen.setdefault(text, answer.address)
    if linked_from and answer.status >= 400:
        reading.dead[answer.address] = linked_from
    path = urlsplit(answer.address).path
    if path == "/inbox":
        reading.told |= {found[1] for link in answer.links if (found := POST.match(link))}
    reading.letters |= {link for link in answer.links if link.startswith("/letters/")}
    reading.cases |= {link for link in answer.links if link.startswith("/moderation/cases/")}


def _is_followed(address: str, every_post: bool) -> bool:
    if NOT_THE_FORUM.match(address):
        return False
    is_one_of_many = SHEET.match(address) or (POST.match(address) and not every_post)
    return not is_one_of_many or crc32(address.encode()) % ONE_IN == 0
