"""The café in English: what members write and what boards are called stays as it is, all else is English."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from app.boards.tables import Board, Section
from app.members.tables import Member, Role
from app.threads.tables import Thread
from tests.pages.places import ADVICE
from tests.pages.visitors import Cafe, Visitor, Visitors, nl

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Words that no English sentence has.
DUTCH = re.compile(
    r"\b(aan|alleen|als|andere|bent|bericht(en)?|bij|dat|deze|dit|een|en|er|gesprek(ken)?|geen|heb|het|hier|iets|ik|"
    r"je|jij|jouw|kun|lees|leest|maar|meer|met|mijn|naar|niet|nog|ook|op|schrijf|schrijven|terug|uit|van|voor|waar|"
    r"wacht|wat|wie|wij|wil|worden|wordt|zelf|zich|zijn|zo)\b",
    re.IGNORECASE,
)
# What is said on the page, also to who does not see it, without what members wrote.
WORDS = """() => {
    const written = '.text, .said, blockquote, mark, [lang]:not(html), textarea, option[value]';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const words = [document.title];
    while (walker.nextNode()) {
        const one = walker.currentNode;
        if (one.data.trim() && !one.parentElement.closest(written)) words.push(one.data.trim());
    }
    for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
        for (const one of document.querySelectorAll(`[${name}]`)) words.push(one.getAttribute(name));
    return words;
}"""


def test_the_cafe_speaks_english_to_who_asks(cafe: Cafe, visitors: Visitors, say: Callable[[str], None]) -> None:
    account = cafe.grant(cafe.newcomer(), Role.MODERATOR)
    reader = visitors(account, locale="en-GB")
    reader.go("/")
    assert dutch_on(reader.page, cafe), "the control: in Dutch, Dutch is found"
    reader.go("/display")
    reader.page.get_by_role("radio", name="English").check()
    reader.tap("button", nl("Save"))
    assert reader.page.locator("html").get_attribute("lang") == "en"
    pages, left = 0, []
    for name in main_pages(cafe, reader):
        pages += 1
        left += [f"{name}: {one}" for one in dutch_on(reader.page, cafe)]
    assert not left, "\n".join(left)
    say(f"English: {pages} pages, 0 lines of Dutch but what members wrote and what boards are called")


def main_pages(cafe: Cafe, reader: Visitor) -> Iterator[str]:
    thread = cafe.thread(cafe.account("marja"), title="Een lange dag")
    post = cafe.opening_of(thread)
    case = cafe.case(cafe.newcomer(), ADVICE)
    for path in (
        "/", "/sections/dvn", "/boards/dagelijks-leven", f"/threads/{thread}", f"/threads/{thread}/reply/{post}",
        "/write", "/boards/dagelijks-leven/write", f"/posts/{post}/report", "/inbox", "/my-posts", "/account",
        "/account/devices", "/account/password", "/account/consents", "/display", "/rules", "/how-we-moderate",
        "/privacy", "/accessibility", "/about", "/contact", "/for-naasten", "/help", "/moderation/queue",
        f"/moderation/cases/{case}", f"/moderation/posts/{post}", f"/threads/{thread}/moderate",
    ):  # fmt: skip
        reader.go(path)
        yield path
    reader.page.goto("/threads/nowhere")
    yield "404"
    reader.go(f"/threads/{thread}")
    reader.find("textbox", "Your answer").fill(ADVICE)
    reader.tap("button", "Place the answer")
    yield "stopped"
    reader.tap("button", "Let a moderator look")
    yield "sent"
    reader.go("/inbox")
    yield "inbox with a letter"
    with reader.page.expect_navigation():
        reader.page.get_by_role("main").get_by_role("heading", level=3).get_by_role("link").first.click()
    yield "letter"


def names_in(cafe: Cafe) -> list[str]:
    """What stays as it is: names of members, boards and conversations, a sentence that is quoted; longest first."""
    columns = (Board.title, Board.description, Section.title, Section.description, Thread.title, Member.pseudonym)
    with cafe.database.reading() as db:
        found = {text for column in columns for text in db.scalars(select(column)) if text}
    return sorted(found | {ADVICE}, key=len, reverse=True)


def dutch_on(page: Page, cafe: Cafe) -> list[str]:
    """The lines with Dutch in them."""
    lines, names = [], names_in(cafe)
    for line in page.evaluate(WORDS):
        for name in names:
            line = line.replace(name, "·")
        if DUTCH.search(line):
            lines.append(line)
    return lines
