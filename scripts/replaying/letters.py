"""Letters: what each member finds in the inbox and under their own posts."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from replaying.browser import Browser, Page
from replaying.cast import Person
from replaying.posts import Text

LETTER = re.compile(r'href="(/letters/\w+)"')
ARTICLE = re.compile(r'<article[^>]*aria-labelledby="mine-\d+".*?</article>', re.S)
POST = re.compile(r'/posts/(\w+)/(?:edit|withdraw|ask-moderator)"')


@dataclass
class Letters:
    """What was found over all members."""

    expected: int = 0
    found: int = 0
    authors: int = 0  # who must have one
    authors_with: int = 0
    own_pages: int = 0  # posts under "my posts" that others cannot read
    with_link: int = 0  # of those, how many lead to their letter
    addresses: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read_letters(people: list[Person], texts: Iterable[Text], pool: ThreadPoolExecutor) -> Letters:
    """Every member reads all their letters; counted against what the guard and the moderators did."""
    own: dict[str, list[Text]] = {person.name: [] for person in people}
    for text in texts:
        if text.author.name in own:
            own[text.author.name].append(text)
    letters = Letters()
    for result in pool.map(lambda person: _read_own(person, own[person.name]), people):
        letters.expected += result.expected
        letters.found += result.found
        letters.authors += result.expected > 0
        letters.authors_with += result.expected > 0 and result.found >= result.expected
        letters.own_pages += result.own_pages
        letters.with_link += result.with_link
        letters.addresses += result.addresses
        letters.wrong += result.wrong
    return letters


def _read_own(person: Person, texts: list[Text]) -> Letters:
    letters = Letters(expected=sum(text.letters for text in texts))
    for page in _pages(person.browser, "/inbox"):
        letters.addresses += LETTER.findall(page.html)
    letters.addresses = list(dict.fromkeys(letters.addresses))
    for address in letters.addresses:
        page = person.browser.get(address)
        if page.status == 200 and person.name in page.html:
            letters.found += 1
        else:
            letters.wrong.append(f"{person.name}: {address} answers {page.status}")
    if letters.found != letters.expected:
        letters.wrong.append(f"{person.name}: {letters.found} letters, expected {letters.expected}")
    _compare_own_posts(person, texts, letters)
    return letters


def _compare_own_posts(person: Person, texts: list[Text], letters: Letters) -> None:
    """Each post that others cannot read stands under "my posts", with its letter."""
    hidden = {text.post_id for text in texts if not text.is_public}
    listed = set()
    for page in _pages(person.browser, "/my-posts"):
        for article in ARTICLE.findall(page.html):
            listed |= set(POST.findall(article))
            letters.own_pages += 1
            letters.with_link += LETTER.search(article) is not None
    if listed != hidden:
        letters.wrong.append(f"{person.name}: my posts shows {len(listed)} posts, expected {len(hidden)}")


def _pages(browser: Browser, address: str) -> Iterable[Page]:
    while address:
        page = browser.get(address)
        yield page
        following = re.search(r'rel="next" href="([^"]+)"', page.html)
        address = following[1].replace("&amp;", "&") if following else ""
