"""Who takes part: members who sign up page by page, and moderators that the webmaster made."""

import re
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from replaying.browser import BrokenPage, Browser, Page
from replaying.stage import Stage

# Of each twenty: 14 lotgenoten, 2 who are being examined, 3 naasten and 1 parent.
RELATIONS = ["lotgenoot", "naaste", "lotgenoot", "being_examined", *["lotgenoot"] * 4, "parent", "naaste"]
RELATIONS += ["lotgenoot", "lotgenoot", "naaste", "lotgenoot", "being_examined", *["lotgenoot"] * 5]
NAMES = """
    Marjolein Wim Fatma Bertus Annelies Joop Truus Kevin Saskia Gerrit Hanneke Driss Loes Pieter Yvonne Teun Mirjam
    Bas Corrie Sjoerd Nadia Hugo Femke Ruud Petra Ali Greetje Thijs Wilma Daan Esther Klaas Rianne Omar Jolanda Frits
    Anouk Henk Dilek Sander Tineke Jelle Margriet Nico Berber Rob Yasmin Koen Liesbeth Arie
""".split()  # noqa: SIM905
MODERATORS = ("Gastvrouw Ans", "Opzichter Jan", "Opzichter Els", "Opzichter Mo")
# Nobody reads four pages in less than three seconds: the forum says so to whoever does.
READING_SECONDS = 3.2
PASSWORD = "vier stoelen om de {name} tafel in {number} kamers"


@dataclass(eq=False)
class Person:
    """Somebody with a browser. A guest has no relation."""

    name: str
    relation: str
    browser: Browser
    email: str = ""
    is_moderator: bool = False


@dataclass
class Mailbox:
    """The mails that would have been sent, as files."""

    folder: Path
    _read: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def link(self, recipient: str, place: str, within: float = 30) -> str:
        """The path of the link in the newest mail to somebody; waits until it is there."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for to, text in self.all():
                found = re.search(rf"https?://[^/\s]+({place}\S+)", text)
                if to == recipient and found:
                    return found[1].rstrip(".>)")
            time.sleep(0.2)
        raise BrokenPage(f"no mail with {place} came to {recipient}")

    def all(self) -> list[tuple[str, str]]:
        """Recipient and text of every mail so far."""
        with self._lock:
            for path in self.folder.glob("*.eml"):
                if path.name not in self._read:
                    message = message_from_bytes(path.read_bytes(), policy=policy.default)
                    text = message.get_content() if message["To"] else ""
                    if text.strip():  # else it is still being written
                        self._read[path.name] = (str(message["To"]), f"{message['Subject']}\n{text}")
            return list(self._read.values())


def new_person(stage: Stage, number: int, relation: str) -> Person:
    """Somebody who is about to sign up."""
    name = NAMES[number % len(NAMES)] + ("" if number < len(NAMES) else f" {'abcdefgh'[number // len(NAMES)]}")
    return Person(name, relation, Browser(stage.traffic), f"lid{number:03}@replay.example")


def sign_up(person: Person, mailbox: Mailbox) -> None:
    """Through all pages, and by the mailed link into the café. One in three takes no password."""
    browser = person.browser
    page = browser.get("/sign-up")
    began = time.monotonic()
    page = browser.send(page.form("/sign-up/consent$"), age="yes", keep_health="yes", show_posts="yes")
    page = browser.send(page.form("/sign-up/name$"), pseudonym=person.name, relation=person.relation)
    page = browser.send(page.form("/sign-up/rules$"), rules="yes")
    number = int(person.email[3:6])
    password = PASSWORD.format(name=person.name.lower(), number=number + 2) if number % 3 else ""
    time.sleep(max(0.0, READING_SECONDS - (time.monotonic() - began)))
    page = browser.send(page.form("/sign-up$", "state"), email=person.email, password=password)
    _expect(page, "/sign-up/sent")
    page = browser.get(mailbox.link(person.email, "/confirm/"))
    page = browser.send(page.form("/confirm/"))
    _expect(page, "/welcome")
    if f"<b>{person.name}</b>" not in page.html:
        raise BrokenPage(f"{person.name} is not signed in after confirming")


def make_moderator(stage: Stage, name: str, mailbox: Mailbox) -> Person:
    """A member that the webmaster makes a moderator; signs in with a link by mail."""
    email = f"{name.split()[1].lower()}@replay.example"
    stage.cafe("member", "add", email, name, "--relation", "lotgenoot")
    stage.cafe("member", "grant", name, "moderator")
    person = Person(name, "lotgenoot", Browser(stage.traffic), email, is_moderator=True)
    page = person.browser.get("/sign-in")
    page = person.browser.send(page.form("/sign-in$"), "link", email=email)
    page = person.browser.get(mailbox.link(email, "/sign-in/link/"))
    page = person.browser.send(page.form("/sign-in/link/"))
    if f"<b>{name}</b>" not in page.html:
        raise BrokenPage(f"{name} is not signed in by the link")
    return person


def _expect(page: Page, path: str) -> None:
    if page.status != 200 or page.path != path:
        said = " ".join(re.findall(r'<p class="wrong"[^>]*>.*?<span>(.*?)</span>', page.html))
        raise BrokenPage(f"{page.status} {page.path} where {path} should be. {said}")
