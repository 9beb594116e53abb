"""What the tests of members share: cheap hashes, the mails in the outbox, and a walk through sign-up."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import select

from app.kit.mail import Mail
from app.members import passwords, register
from tests.browser import Browser, forms_of
from tests.cast import Person

SENTENCE = "mijn kat slaapt op de verwarming"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Password hashes with costs that let a test make many."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(memory_cost=64, time_cost=1, parallelism=1))
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


class Outbox:
    """The mails that wait to be sent."""

    def __init__(self, forum: FastAPI) -> None:
        self._forum = forum

    def to(self, address: str) -> list[Mail]:
        with self._forum.state.database.reading() as db:
            return list(db.scalars(select(Mail).where(Mail.recipient == address).order_by(Mail.id)))

    def link(self, address: str) -> str:
        """The path of the link in the newest mail to this address."""
        found = re.search(r"https://cafe\.example(/\S+)", self.to(address)[-1].text)
        assert found, "this mail has no link of ours"
        return found[1]


@pytest.fixture
def outbox(forum: FastAPI) -> Outbox:
    return Outbox(forum)


class Joining:
    """A guest who signs up: each step sends the form of the page that the step before gave."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.answer: Any = browser.get("/sign-up")

    def send(self, **fields: str) -> "Joining":
        form = next(one for one in forms_of(self.answer.text) if "sign-up" in one["action"])
        self.answer = self.browser.client.post(form["action"], data={**form["fields"], **fields})
        return self

    def until_mail(self, name: str = "Wilg", relation: str = "lotgenoot", shows: bool = True) -> "Joining":
        ticks = {"age": "yes", "keep_health": "yes", **({"show_posts": "yes"} if shows else {})}
        self.send(**ticks).send(pseudonym=name, relation=relation).send(rules="yes")
        assert self.answer.status_code == 200, self.answer.text
        return self

    def whole(self, email: str, name: str = "Wilg", password: str = SENTENCE, **more: Any) -> "Joining":
        return self.until_mail(name, **more).send(email=email, password=password)


@pytest.fixture
def joining(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Joining:
    monkeypatch.setattr(register, "MIN_FORM_SECONDS", 0)
    return Joining(browser)


def press(browser: Browser, path: str, **fields: str) -> Any:
    """Open a page and press the button of the form that goes to the same address."""
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    form = next(one for one in forms_of(answer.text) if one["action"] == path)
    return browser.client.post(path, data={**form["fields"], **fields})


def sign_in(browser: Browser, email: str, password: str = SENTENCE, **more: str) -> Any:
    return browser.post("/sign-in", {"email": email, "password": password, **more})


def cookies_set(answer: Any) -> list[str]:
    return list(answer.headers.get_list("set-cookie"))


def on_the_device_of(browser: Browser, person: Person) -> Browser:
    """As `browser.as_`, with a cookie that a newer one of the same name replaces, as in a real browser."""
    mine = browser.as_(None)
    host = urlsplit(browser.forum.state.settings.base_url).hostname or ""
    mine.client.cookies.set(mine.cookie, person.secret, domain=host, path="/")
    return mine
