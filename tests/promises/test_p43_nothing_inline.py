"""P43: no script, style or handler stands inside a page, so that the policy against them can be strict for good."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from app.kit.guarding import CONTENT_SECURITY, session_cookie_name
from app.kit.settings import Settings
from app.main import build
from tests.browsers import Complaints
from tests.cast import Cast
from tests.conftest import SECRET
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401
from tests.servers import Server

Say = Callable[[str], None]
ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcset", "ping"})
FORBIDDEN = frozenset({"style", "base", "object", "embed", "iframe", "frame", "applet"})


class Inline(HTMLParser):
    """What in a page the policy would refuse, or that fetches from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags = 0
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        at = {name.lower(): (value or "") for name, value in attributes}
        self._in_script = tag == "script"
        if tag in FORBIDDEN or (tag == "script" and not at.get("src", "").startswith("/static/")):
            self.found.append(f"<{tag}>")
        if tag == "meta" and at.get("http-equiv", "").lower() == "refresh":
            self.found.append("<meta refresh>")
        for name, value in at.items():
            if name.startswith("on") or name in {"style", "srcdoc", "nonce"}:
                self.found.append(f"<{tag} {name}>")
            if name in ADDRESSES and urlsplit(value.strip()).scheme not in {"", "tel", "mailto", "https"}:
                self.found.append(f"<{tag} {name}={value[:40]}>")
            fetches = name in ADDRESSES - {"href", "xlink:href"} or tag in {"link", "use", "image"}
            if fetches and name in ADDRESSES and not re.match(r"/(?!/)", value):
                self.found.append(f"<{tag} {name}={value[:40]}> is from elsewhere")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append("a script with words in it")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def inline_in(html: str) -> Inline:
    reader = Inline()
    reader.feed(html)
    return reader


def test_no_page_has_anything_inline(ground: Ground, say: Say) -> None:
    pages: dict[str, str] = {}
    for route in ground.gets():
        address = ground.address(route)
        for name, person in ground.people().items():
            answer = ground.fresh(person).get(address)
            if "html" in answer.headers.get("content-type", ""):
                pages[f"{name} {route.path}"] = answer.text
    for route in ground.posts():
        answer = ground.fresh(ground.person_for(route)).post(ground.address(route), {"nonsense": "x"})
        if "html" in answer.headers.get("content-type", ""):
            pages[f"POST {route.path}"] = answer.text
    anna = ground.fresh(ground.cast.anna)
    pages["preview"] = anna.reply(ground.thread, "Kijk *even*.", step="preview").text
    pages["refused"] = anna.post("/account/relation", token="x").text
    read = {name: inline_in(html) for name, html in pages.items()}
    found = [f"{name}: {reader.found}" for name, reader in read.items() if reader.found]
    assert not found, "\n".join(found)
    assert min(reader.tags for reader in read.values()) > 5, "control: there are tags in each"
    say(f"P43: {len(pages)} pages with {sum(reader.tags for reader in read.values())} tags: 0 inline")


def test_no_template_and_no_script_has_anything_inline(say: Say) -> None:
    templates = list((ROOT / "templates").rglob("*.html"))
    bad = re.compile(
        r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=[\"']|javascript:|<iframe|\bnonce=", re.IGNORECASE
    )
    found = [
        f"{one.name}: {bad.findall(one.read_text('utf-8'))}" for one in templates if bad.search(one.read_text("utf-8"))
    ]
    scripts = [*(ROOT / "static").rglob("*.js"), *(ROOT / "static").rglob("*.svg"), *(ROOT / "static").rglob("*.css")]
    # What `require-trusted-types-for` and a policy without `unsafe-eval` refuse; and what fetches from elsewhere.
    worse = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\s*[\"'](style|on)"
        r"|@import|url\(\s*[\"']?(https?:)?//|<script|\son[a-z]+=[\"']|javascript:"
    )
    found += [
        f"{one.name}: {worse.findall(one.read_text('utf-8'))}"
        for one in scripts
        if worse.search(one.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)
    assert len(templates) > 30 and scripts
    assert bad.search('<p style="x">') and bad.search("<p onclick='x'>") and bad.search("<script>x</script>"), "control"
    assert worse.search("a.innerHTML = b") and worse.search("@import 'x'"), "control"
    say(f"P43: {len(templates)} templates and {len(scripts)} files of ours: 0 inline")


def test_the_policy_itself_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY and "data:" not in CONTENT_SECURITY and "*" not in CONTENT_SECURITY
    assert (
        CONTENT_SECURITY.startswith("default-src 'none'") and "require-trusted-types-for 'script'" in CONTENT_SECURITY
    )
    assert "http" not in CONTENT_SECURITY, "no other host"


def test_something_inline_is_noticed(say: Say) -> None:
    planted = [
        "<script>x</script>", "<script src='https://evil.example/x.js'></script>", "<style>p{}</style>",
        "<p style='x'>", "<p onclick='x'>", "<a href='javascript:x'>", "<a href=' data:text/html,x'>",
        "<img src='https://evil.example/x.png'>", "<base href='/x'>", "<iframe src='/x'>",
        "<form action='https://evil.example'>", "<meta http-equiv='refresh' content='0'>",
        "<svg><use href='https://evil.example/x'/></svg>", "<link rel='stylesheet' href='//evil.example/x.css'>",
        "<script src='/static/x.js'>x</script>", "<button formaction='//evil.example'>",
    ]  # fmt: skip
    blind = [one for one in planted if not inline_in(one).found]
    assert not blind
    fine = (
        "<script src='/static/js/x.js?v=1' defer></script><a href='https://elsewhere.example'>x</a><a href='tel:113'>"
    )
    assert not inline_in(fine).found
    say(f"P43 control: {len(planted)} of {len(planted)} planted inline things noticed")


@pytest.mark.browser
def test_a_browser_complains_of_nothing(
    settings: Settings, serve: Callable[..., Server], new_page: Callable[..., Page], complaints: Complaints, say: Say
) -> None:
    """Chromium keeps to the policy and says what it refused; here it has nothing to say."""
    forum = build(settings.model_copy(update={"base_url": "http://127.0.0.1"}), with_postman=False)
    cast = Cast(forum.state.database)
    thread = cast.thread()
    post = cast.reply(thread, "Kijk *even* op https://voorbeeld.example.")
    server = serve(CAFE_SECRET_KEY=SECRET)
    paths = {
        None: ["/", "/rules", "/sign-in", "/sign-up", "/help", "/display", "/nowhere"],
        cast.anna: [
            "/",
            f"/threads/{thread}",
            f"/threads/{thread}/reply",
            "/boards/dagelijks/write",
            "/my-posts",
            "/inbox",
            "/account",
        ],
        cast.mo: ["/moderation/queue", f"/moderation/posts/{post}", f"/threads/{thread}/moderate"],
    }
    seen = 0
    for person, addresses in paths.items():
        page = new_page(server.url)
        if person is not None:
            name = session_cookie_name(settings.model_copy(update={"base_url": server.url}))
            page.context.add_cookies([{"name": name, "value": person.secret, "url": server.url}])
        for address in addresses:
            page.goto(address)
            seen += 1
        assert person is None or page.url.endswith(addresses[-1]), "control: they are signed in"
    forum.state.database.close()
    assert not complaints.found
    page.evaluate("document.head.appendChild(document.createElement('style')).textContent = 'p { color: red }'")
    page.wait_for_timeout(100)
    noticed = len(complaints.found)
    complaints.found.clear()
    assert noticed, "control: a planted style is complained of"
    say(f"P43: {seen} pages in Chromium, 0 complaints; control: a planted style is one")
