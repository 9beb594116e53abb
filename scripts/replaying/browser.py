"""A small browser: it keeps cookies, follows redirects, and fills in the forms that a page has, nothing else.

It knows pages, not the forum. A form is sent with every field it has; a field, a choice or a button that the page does
not offer raises `BrokenPage`, as a person would be stuck there.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from html.parser import HTMLParser
from re import compile as pattern
from re import search
from typing import Any
from urllib.parse import urlencode, urlsplit

REDIRECTS = frozenset({301, 302, 303, 307, 308})
IDLE_SECONDS = 2.0  # the server hangs up on a connection that is silent for 5 seconds
TIMEOUT = 90
MOST_REDIRECTS = 5
_LINK = pattern(r'<a\b[^>]*?\bhref="([^"]*)"')
_ID = pattern(r'\bid="([^"]*)"')


class BrokenPage(Exception):
    """A page does not offer what somebody needs there to go on."""


# --- what the server answers --------------------------------------------------------------------------------------


@dataclass
class Traffic:
    """All answers of a server, counted; each thread has a connection of its own."""

    host: str
    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _own: threading.local = field(default_factory=threading.local)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    @property
    def server_errors(self) -> int:
        return sum(many for status, many in self.statuses.items() if status >= 500)

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """One request, one answer, with its body read into `.content`. A connection that breaks is a failure."""
        connection = self._connection()
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            answer.content = answer.read()  # type: ignore[attr-defined]
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            with self._lock:
                self.failures.append(f"{method} {path}: {type(problem).__name__}")
            raise
        self._own.used = time.monotonic()
        with self._lock:
            self.statuses[answer.status] += 1
            if answer.status >= 500:
                self.failures.append(f"{method} {path}: {answer.status}")
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        elif time.monotonic() - self._own.used > IDLE_SECONDS:
            connection.close()  # it opens again by itself
        return connection


@dataclass(frozen=True)
class Button:
    """A button of a form. `name` is empty for one that sends nothing of its own."""

    name: str
    value: str
    action: str


@dataclass
class Form:
    """A form as it stands on a page: what is typed and ticked there, what may be chosen, its buttons."""

    action: str
    method: str
    fields: list[list[str]] = field(default_factory=list)  # name, value: sent as they stand
    offered: dict[str, list[str]] = field(default_factory=dict)  # of boxes, rounds and lists
    chosen: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def sent(self, typed: Mapping[str, str | list[str]], press: str | None) -> tuple[str, list[tuple[str, str]]]:
        """Where it goes and what it sends, after somebody typed, ticked and pressed."""
        names = {name for name, _ in self.fields} | set(self.offered)
        missing = set(typed) - names
        if missing:
            raise BrokenPage(f"the form {self.action} has no {', '.join(sorted(missing))}")
        pairs = [(name, _as_text(typed.get(name, value))) for name, value in self.fields]
        for name, values in self.offered.items():
            picked = _as_list(typed.get(name, self.chosen.get(name, [])))
            if not set(picked) <= set(values):
                raise BrokenPage(f"the form {self.action} offers no {name}={picked}, only {values}")
            pairs += [(name, value) for value in picked]
        button = self._button(press)
        if button.name:
            pairs.append((button.name, button.value))
        return button.action or self.action, [(name, value.replace("\n", "\r\n")) for name, value in pairs]

    def _button(self, press: str | None) -> Button:
        found = [one for one in self.buttons if press is None or press in (one.value, one.name)]
        if not found:
            raise BrokenPage(f"the form {self.action} has no button {press or ''}")
        return found[0]

    def value(self, name: str) -> str:
        """What stands in a field."""
        return next((value for one, value in self.fields if one == name), "")


@dataclass
class Page:
    """A page as it came, and the redirects that led to it."""

    status: int
    address: str  # path, query and fragment
    html: str
    chain: list[tuple[int, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @cached_property
    def forms(self) -> list[Form]:
        reader = _FormReader(self.path)
        reader.feed(self.html)
        return reader.forms

    @cached_property
    def links(self) -> list[str]:
        return [unescape(address) for address in _LINK.findall(self.html)]

    @cached_property
    def ids(self) -> set[str]:
        return set(_ID.findall(self.html))

    def form(self, action: str, having: str = "") -> Form:
        """The form whose address matches this pattern, with a field of this name."""
        for form in self.forms:
            if search(action, form.action) and (not having or having in form.offered or form.value(having)):
                return form
        raise BrokenPage(f"{self.status} {self.path} has no form for {action}")

    def link(self, address: str) -> str:
        """The first link whose address matches this pattern."""
        for one in self.links:
            if search(address, one):
                return one
        raise BrokenPage(f"{self.status} {self.path} has no link to {address}")


# --- the browser --------------------------------------------------------------------------------------------------


@dataclass
class Browser:
    """Somebody's browser. Several threads may read with it at a time."""

    traffic: Traffic
    cookies: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, address: str, *, follow: bool = True) -> Page:
        return self._go("GET", address, None, follow)

    def send(self, form: Form, press: str | None = None, **typed: str | list[str]) -> Page:
        """Fill in, press a button (by its name or value; else the first one), and go where that leads."""
        action, pairs = form.sent(typed, press)
        if form.method != "post":
            return self._go("GET", f"{action}?{urlencode(pairs)}", None, True)
        return self._go("POST", action, urlencode(pairs).encode("ascii"), True)

    def _go(self, method: str, address: str, body: bytes | None, follow: bool) -> Page:
        chain: list[tuple[int, str]] = []
        while True:
            path, _, _ = address.partition("#")
            answer = self.traffic.ask(method, path, body, self._headers(method))
            self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
            html = answer.content.decode("utf-8")  # type: ignore[attr-defined]
            page = Page(answer.status, address, html, chain)
            if answer.status not in REDIRECTS:
                return page
            address = _own_address(answer.headers["Location"], self.traffic)
            chain.append((answer.status, address))
            if not follow:
                return page
            if len(chain) > MOST_REDIRECTS:
                raise BrokenPage(f"{path} redirects for ever")
            method, body = "GET", None

    def _headers(self, method: str) -> dict[str, str]:
        headers = {
            "Accept": "text/html",
            "Accept-Language": "nl",
            "Sec-Fetch-Site": "same-origin",
            "User-Agent": "Mozilla/5.0 (replay) Firefox/140.0",
        }
        with self._lock:
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"http://{self.traffic.host}:{self.traffic.port}"
        return headers

    def _keep_cookies(self, lines: Iterable[str]) -> None:
        for line in lines:
            pair, *attributes = [part.strip() for part in line.split(";")]
            name, _, value = pair.partition("=")
            ended = any(one.lower() == "max-age=0" for one in attributes)
            with self._lock:
                if ended or not value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = value


def _own_address(location: str, traffic: Traffic) -> str:
    parts = urlsplit(location)
    if parts.netloc and parts.netloc != f"{traffic.host}:{traffic.port}":
        raise BrokenPage(f"a redirect leads elsewhere: {location}")
    return parts._replace(scheme="", netloc="").geturl()


def _as_text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


class _FormReader(HTMLParser):
    """Finds the forms of a page. What is disabled is not sent; `hidden` parts of a page are sent as they stand."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._path = path
        self._form: Form | None = None
        self._area: str | None = None
        self._list: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action") or self._path, given.get("method", "get").lower())
            self.forms.append(self._form)
        form = self._form
        if form is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input":
            self._input(form, name, given)
        elif tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append(Button(name, given.get("value", ""), given.get("formaction", "")))
        elif tag == "textarea":
            self._area, self._words = name, []
        elif tag == "select":
            self._list = name
            form.offered[name] = []
        elif tag == "option" and self._list is not None:
            form.offered[self._list].append(given.get("value", ""))
            if "selected" in given or self._list not in form.chosen:
                form.chosen[self._list] = [given.get("value", "")]

    def _input(self, form: Form, name: str, given: Mapping[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            value = given.get("value", "on")
            form.offered.setdefault(name, []).append(value)
            if "checked" in given:
                before = form.chosen.get(name, []) if kind == "checkbox" else []
                form.chosen[name] = [*before, value]
        elif kind == "submit":
            form.buttons.append(Button(name, given.get("value", ""), given.get("formaction", "")))
        elif name:
            form.fields.append([name, given.get("value", "")])

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None and self._form is not None:
            # A browser leaves out the line feed right behind the tag.
            self._form.fields.append([self._area, "".join(self._words).removeprefix("\n")])
            self._area = None
        elif tag == "select":
            self._list = None
        elif tag == "form":
            self._form = None
