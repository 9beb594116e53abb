"""What is written: conversations, first words of new members, and the corpus; and what becomes of each text."""

import http.client
import json
import random
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.kit.forms import clean_text
from replaying.browser import BrokenPage, Page
from replaying.cast import Person
from replaying.stage import EVERY_RELATION, GUEST, Board

CORPUS = Path(__file__).resolve().parents[2] / "app" / "guard" / "corpus" / "posts.jsonl"
PUBLISHED, HELD, BLOCKED = "published", "held", "blocked"
APPROVED, RETURNED, REFUSED = "approved", "returned", "refused"
PUBLIC = (PUBLISHED, APPROVED)
SENT_PATH = re.compile(r"^/posts/(\w+)/sent$")
PLACED = re.compile(r"^/threads/\w+(?:\?[^#]*)?#post-(\w+)$")
EDIT_FORM = re.compile(r"^/posts/(\w+)/edit$")

SUBJECTS = (
    ("Een tafel bij het raam", "Ik zit graag bij het raam. Hoe beginnen jullie de dag?"),
    (
        "Wat doen jullie op een grijze zondag?",
        "Het regent hier al de hele ochtend. Hoe is jullie zondag?",
    ),
    ("Verhalen van onderweg", "Gisteren was ik op de markt. Wat hebben jullie onderweg beleefd?"),
    ("De post van deze week", "Er lag een kaart op de mat. Vertel eens wat er bij jullie binnenkwam."),
    ("Een bankje in het park", "Ik zat een uur op een bankje. Hoe was het bij jullie buiten?"),
)
CLOSED_SUBJECT = ("Aan de achterste tafel", "Hier zitten we met lotgenoten onder elkaar. Hoe is jullie week geweest?")
OWN_SUBJECT = ("Van de overkant van de tafel", "Wij zitten er als naasten naast. Hoe was jullie week?")
WELCOME = ("Schuif aan", "Welkom. Vertel hier gerust wie je bent.")
HELLOS = (
    "Dag allemaal, ik ben {name}. Fijn dat ik hier mag zitten.",
    "Hier is {name} nog een keer. Ik hou van tuinieren en van oude films.",
    "Nog iets over mij, {name}: ik woon met een poes aan de rand van het dorp.",
)


@dataclass
class Talk:
    """A conversation. `readers` are relations, or `guest`."""

    board: Board
    title: str
    readers: frozenset[str]
    id: str = ""
    post_ids: list[str] = field(default_factory=list)  # to answer to

    @property
    def writers(self) -> frozenset[str]:
        return self.board.writers & self.readers


@dataclass
class Text:
    """A text, who wrote it where, and what became of it. `gold` is what the corpus wants, empty for our own words."""

    id: str
    words: str
    gold: str
    labels: tuple[str, ...]
    author: Person
    talk: Talk
    outcome: str = ""  # what the forum answered
    state: str = ""  # how it stands now
    post_id: str = ""
    asked: bool = False
    decisions: int = 0
    wrong: str = ""  # what was not as it should be
    seconds: float = 0.0

    @property
    def is_public(self) -> bool:
        return self.state in PUBLIC

    @property
    def letters(self) -> int:
        """How many letters its author must have about it: one of the guard, one of each decision."""
        return (self.outcome == BLOCKED) + self.decisions

    def readable_by(self, person: Person) -> bool:
        """Whether the rules let somebody read it as it stands now."""
        if person is self.author or person.is_moderator:
            return True
        return self.is_public and person.relation in self.talk.readers


def read_corpus(most: int | None) -> list[dict[str, object]]:
    """The texts of the guard's corpus, in the order of the file (which is shuffled)."""
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    return rows[:most]


def plan_talks(boards: Iterable[Board], people: list[Person]) -> list[tuple[Talk, Person, str]]:
    """The conversations to start, by whom, with which words: some for all, one for guests too, two behind a door."""
    boards = list(boards)
    whole = [one for one in boards if one.writers >= EVERY_RELATION and GUEST not in one.readers]
    plan = []
    for number, (title, words) in enumerate(SUBJECTS):
        board = next(one for one in boards if GUEST in one.readers) if number == 0 else whole[(number - 1) % len(whole)]
        plan.append((Talk(board, title, board.readers), people[number % len(people)], words))
    lotgenoot = next(one for one in people if one.relation == "lotgenoot")
    closed = Talk(whole[0], CLOSED_SUBJECT[0], frozenset({"lotgenoot"}))
    plan.append((closed, lotgenoot, CLOSED_SUBJECT[1]))
    apart = next((one for one in boards if not one.readers & {"lotgenoot", GUEST}), None)
    outsider = next((one for one in people if apart and one.relation in apart.writers), None)
    if apart is not None and outsider is not None:
        plan.append((Talk(apart, OWN_SUBJECT[0], apart.readers), outsider, OWN_SUBJECT[1]))
    return plan


def start_talk(talk: Talk, starter: Person, words: str) -> Text:
    """Start a conversation through the pages: where, then the sheet."""
    page = starter.browser.get("/write")
    page = starter.browser.get(page.link(f"^/boards/{talk.board.slug}/write$"))
    form = page.form(f"/boards/{talk.board.slug}/write$")
    typed = {"title": talk.title, "text": words, "kind": "meeting", "wish": "experiences"}
    if talk.readers == {"lotgenoot"}:
        typed["audience"] = "lotgenoten"
    text = Text(f"opening {talk.title}", words, "", (), starter, talk)
    _look_what_came(text, starter.browser.send(form, "place", **typed))
    _must_stand(text, PUBLISHED, HELD)
    return text


def find_talk(text: Text) -> None:
    """Learn the address of a conversation from its opening post."""
    page = text.author.browser.get(f"/posts/{text.post_id}")
    if page.status != 200:
        raise BrokenPage(f"the conversation {text.talk.title} is not there: {page.status}")
    text.talk.id = page.path.rpartition("/")[2]
    text.talk.post_ids.append(text.post_id)


def say_hello(person: Person, talk: Talk) -> list[Text]:
    """The first three posts of a new member; they wait for a moderator."""
    hellos = []
    for number, words in enumerate(HELLOS):
        text = Text(f"hello {person.name} {number}", words.format(name=person.name), "", (), person, talk)
        send_reply(text, 2)
        _must_stand(text, PUBLISHED, HELD)
        hellos.append(text)
    return hellos


def send_reply(text: Text, way: int) -> Page:
    """Answer in a conversation, by the form under it, by the sheet for one post, or by the sheet for the whole."""
    browser, talk = text.author.browser, text.talk
    address = f"/threads/{talk.id}"
    if way % 3 == 1:
        address += f"/reply/{random.Random(text.id).choice(talk.post_ids)}"
    elif way % 3 == 2:
        address += "/reply"
    page = browser.get(address)
    form = page.form(f"/threads/{talk.id}/replies$")
    before = time.monotonic()
    answer = browser.send(form, "place", text=text.words)
    text.seconds = time.monotonic() - before
    _look_what_came(text, answer)
    return answer


def press_ask(text: Text, page: Page) -> None:
    """Let a moderator look: the button of the page of a blocked text."""
    answer = text.author.browser.send(page.form(f"/posts/{text.post_id}/ask-moderator$"))
    if answer.path != f"/posts/{text.post_id}/sent" or answer.status != 200:
        text.wrong = f"asking a moderator led to {answer.status} {answer.path}"
    text.asked, text.state = True, HELD


def _look_what_came(text: Text, page: Page) -> None:
    """Which of the three it is, by what a browser sees of it; anything else is wrong."""
    status, leads_to = page.chain[0] if page.chain else (page.status, "")
    if found := PLACED.match(leads_to):
        text.outcome, text.post_id = PUBLISHED, found[1]
        if status != 303 or page.status != 200 or f"post-{found[1]}" not in page.ids:
            text.wrong = f"published, but its address led to {page.status} without the post"
    elif found := SENT_PATH.match(leads_to):
        text.outcome, text.post_id = HELD, found[1]
        if status != 303 or page.status != 200:
            text.wrong = f"held, but the page after it is {page.status}"
    elif page.status == 422 and any(EDIT_FORM.match(form.action) for form in page.forms):
        form = page.form(EDIT_FORM.pattern)
        text.outcome, text.post_id = BLOCKED, EDIT_FORM.match(form.action)[1]  # type: ignore[index]
        if form.value("text").strip() != clean_text(text.words).strip():
            text.wrong = "blocked, and the writer's own words are not in the box"
    else:
        text.wrong = f"neither published, held nor blocked: {page.status} {leads_to or page.path}"
    text.state = text.outcome


def _must_stand(text: Text, *outcomes: str) -> None:
    if text.outcome not in outcomes:
        raise BrokenPage(f"{text.id!r} was to be placed or read first, but: {text.outcome} {text.wrong}")


@dataclass
class Turns:
    """Every third one, whoever comes."""

    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mine(self) -> bool:
        with self._lock:
            self._count += 1
            return self._count % 3 == 1


def send_corpus(text: Text, way: int, turns: Turns) -> None:
    """One text of the corpus; of each three that are blocked, one asks a moderator."""
    try:
        page = send_reply(text, way)
        if text.outcome == PUBLISHED:
            text.talk.post_ids.append(text.post_id)
        elif text.outcome == BLOCKED and turns.mine():
            press_ask(text, page)
    except (BrokenPage, OSError, http.client.HTTPException) as problem:
        text.wrong = f"{type(problem).__name__}: {problem}"
