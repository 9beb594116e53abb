"""A thin browser over the whole forum, without a screen: cookies, forms with their tokens, redirects on request."""

from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from app.kit.guarding import session_cookie_name
from tests.cast import Person

HEADERS = {"sec-fetch-site": "same-origin"}


class Browser:
    """Walks the forum as one person, or as a guest. `as_` gives another one on the same forum."""

    def __init__(self, forum: FastAPI, person: Person | None = None) -> None:
        self.forum, self.person = forum, person
        self.cookie = session_cookie_name(forum.state.settings)
        self.client = TestClient(
            forum,
            base_url=forum.state.settings.base_url,
            follow_redirects=False,
            raise_server_exceptions=False,
            headers=HEADERS,
        )
        if person is not None:
            self.client.cookies.set(self.cookie, person.secret, domain=str(self.client.base_url.host))

    def as_(self, person: Person | None) -> "Browser":
        return Browser(self.forum, person)

    def get(self, path: str, **more: Any) -> Any:
        """A page; redirects are not followed."""
        return self.client.get(path, **more)

    def read(self, path: str) -> str:
        """The HTML of a page, through redirects; it must be there."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return str(answer.text)

    def post(self, path: str, data: dict[str, Any] | None = None, token: str | None = None, **more: Any) -> Any:
        """Send a form with the token that this person's pages carry."""
        return self.client.post(
            path, data={"form_token": self.token() if token is None else token, **(data or {})}, **more
        )

    def token(self) -> str:
        """The form token of this person."""
        secret = self.client.cookies.get(self.cookie)
        return str(self.forum.state.form_tokens.make(secret))

    def reply(self, thread_id: str, text: str, **more: str) -> Any:
        return self.post(f"/threads/{thread_id}/replies", {"text": text, "step": "place", **more})

    def submit(self, path: str, action: str, button: dict[str, str] | None = None, **fields: Any) -> Any:
        """Open a page, fill in the form that goes to `action`, and send it, hidden fields and all."""
        forms = forms_of(self.read(path))
        form = next(one for one in forms if one["action"] == action)
        return self.client.post(action, data={**form["fields"], **(button or {}), **fields})


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        at = dict(attributes)
        if tag == "form":
            self.forms.append({"action": at.get("action", ""), "fields": {}})
        elif self.forms and tag == "input" and at.get("name"):
            if at.get("type") in {"radio", "checkbox"} and "checked" not in at:
                return
            self.forms[-1]["fields"][at["name"]] = at.get("value") or ""
        elif self.forms and tag == "textarea" and at.get("name"):
            self._area = at["name"] or ""
            self.forms[-1]["fields"][self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1]["fields"][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


def forms_of(html: str) -> list[dict[str, Any]]:
    """The forms of a page: where they go, and what is filled in."""
    reader = _Forms()
    reader.feed(html)
    return reader.forms
