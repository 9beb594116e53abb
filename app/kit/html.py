"""The one place where text becomes HTML that a page trusts (promises D1 to D5).

The language is small: paragraphs, emphasis, lists, quotations, links. markdown-it-py reads it with HTML switched off;
bleach cleans what comes out; nh3 cleans it once more with the same list. Do they disagree, the text is shown escaped.
"""

import logging
import re
from html import escape
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import nh3
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

from app.kit.messages import N_

log = logging.getLogger(__name__)

RENDER_VERSION = 1
MAX_TEXT = 10_000
MAX_TITLE = 120
MAX_LINES = 400
MAX_LINKS = 20
MAX_RUNS = 200  # of each sign that costs a Markdown reader time
MAX_DEPTH = 10
MAX_MARKS = 8  # combining marks on one letter; more is no language

TAGS = frozenset({"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"})
LINK_REL = "nofollow ugc noopener noreferrer"
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_TRAILING = ".,;:!?)]}'\"”’…"
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_MARKS = re.compile(f"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20f0]{{{MAX_MARKS + 1},}}")


def safe_address(address: str) -> str | None:
    """A link address that may stand on a page, made anew from its parts; None for whatever is not plainly good."""
    if _ODD.search(address) or len(address) > 500:
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return None if "@" not in parts.path else urlunsplit(("mailto", "", parts.path, "", ""))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        return None
    return urlunsplit(parts)


def over_limit(text: str) -> str | None:
    """Why a text cannot be read well, as a message id; None when it can. Linear, and asked before anything else."""
    if len(text) > MAX_TEXT:
        return N_("Your text is longer than fits here. Cut it in two parts, please. Nothing is lost.")
    if text.count("\n") >= MAX_LINES:
        return N_("Your text has too many lines. Cut it in two parts, please. Nothing is lost.")
    if text.count("://") > MAX_LINKS:
        return N_("Your text has too many links. Choose the ones that help most, please.")
    if any(text.count(sign) > MAX_RUNS for sign in "[]<&*_>`\\") or _MARKS.search(text):
        return N_("Your text has very many special signs. Take some away, please.")
    if any(_depth(line) > MAX_DEPTH for line in text.split("\n")):
        return N_("Your text has too many quotations inside each other.")
    return None


def _depth(line: str) -> int:
    """How deep quotations and lists are nested at the start of a line."""
    depth = 0
    for sign in line[:200]:
        if sign in ">-+*":
            depth += 1
        elif sign not in " \t":
            break
    indent = len(line) - len(line.lstrip(" \t"))
    return depth + indent // 4 if depth else depth


def _find_links(state: StateCore) -> None:
    """Turn bare web addresses into links, token by token, in one pass; the library's own finder takes seconds."""
    for block in state.tokens:
        if block.type != "inline" or not block.children:
            continue
        children: list[Token] = []
        inside = 0
        for token in block.children:
            inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            children.extend(_linked(token) if token.type == "text" and not inside else [token])
        block.children = children


def _linked(token: Token) -> list[Token]:
    parts: list[Token] = []
    end = 0
    for found in _ADDRESS.finditer(token.content):
        address = found[0].rstrip(_TRAILING)
        href = safe_address(address)
        if href is None:
            continue
        parts.append(_text(token.content[end : found.start()]))
        parts += [Token("link_open", "a", 1, attrs={"href": href}), _text(address), Token("link_close", "a", -1)]
        end = found.start() + len(address)
    parts.append(_text(token.content[end:]))
    return parts


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _plain_text(self: RendererHTML, tokens: list[Token], place: int, options: Any, env: Any) -> str:
    """Quotation marks stay themselves: the cleaner takes seconds over thousands of `&quot;`."""
    return escape(tokens[place].content, quote=False)


def _soft_break(self: RendererHTML, tokens: Any, place: int, options: Any, env: Any) -> str:
    return "<br>\n"


def _close_link(self: RendererHTML, tokens: list[Token], place: int, options: Any, env: Any) -> str:
    """Show the host behind a link whose words do not, so that nobody is led somewhere unseen."""
    opened = next((i for i in range(place - 1, -1, -1) if tokens[i].type == "link_open"), None)
    if opened is None:
        return "</a>"
    parts = urlsplit(str(tokens[opened].attrs.get("href", "")))
    said = "".join(token.content for token in tokens[opened + 1 : place])
    host = parts.hostname or ""
    return "</a>" if not host or host in said else f"</a> ({escape(host)})"


def _valid_link(url: str) -> bool:
    return safe_address(url) is not None


def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "linkify": False, "maxNesting": MAX_DEPTH + 10})
    reader.enable(["newline", "escape", "emphasis", "list", "blockquote", "link"])
    reader.validateLink = _valid_link  # type: ignore[method-assign]
    reader.core.ruler.push("cafe_links", _find_links)
    reader.add_render_rule("text", _plain_text)
    reader.add_render_rule("softbreak", _soft_break)
    reader.add_render_rule("link_close", _close_link)
    return reader


def _good_attribute(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        return safe_address(value) is not None
    return tag == "a" and name == "rel" and value == LINK_REL


_READER = _reader()
_CLEANER = Cleaner(tags=TAGS, attributes=_good_attribute, protocols={"http", "https", "mailto"}, strip=False)
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>')


def to_html(text: str) -> str:
    """A member's text as clean HTML, to be stored beside it. Never raises; at worst the text is shown as typed."""
    try:
        made = _READER.render(text)
        first = _CLEANER.clean(made)
        second = nh3.clean(
            first, tags=set(TAGS), attributes={"a": {"href"}}, link_rel=None, url_schemes={"http", "https", "mailto"}
        )
    except (RecursionError, ValueError, IndexError):
        log.warning("a text could not be read as Markdown; shown as typed")
        return as_typed(text)
    if _tree(first) != _tree(second):
        log.warning("two cleaners disagree about a text; shown as typed")
        return as_typed(text)
    return _LINK.sub(rf'<a href="\1" rel="{LINK_REL}">', second)


def as_typed(text: str) -> str:
    """A text escaped, with its line ends: what we show when we do not trust anything better."""
    return "".join(f"<p>{'<br>'.join(escape(part).split(chr(10)))}</p>" for part in text.split("\n\n") if part.strip())


def _tree(html: str) -> str:
    """The same tree in one spelling: entities and attribute order aside."""
    return (
        html.replace("&quot;", '"')
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("<br />", "<br>")
        .replace("&nbsp;", "\xa0")
        .replace("&gt;", ">")
        .strip()
    )


def stored(html: str) -> Markup:
    """HTML that `to_html` made and the database kept, for a template."""
    return Markup(html)


def page_html(text: str) -> Markup:
    """Our own standing text (rules, privacy, letters) as HTML; tables are allowed here, for it is ours."""
    return Markup(_STANDING.render(text))


def marked(text: str, spans: list[tuple[int, int]]) -> Markup:
    """A member's text as typed, escaped, with the given stretches of characters in `<mark>`. Overlaps are joined."""
    out: list[str] = []
    end = 0
    for start, stop in _joined(spans, len(text)):
        out += [escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        end = stop
    out.append(escape(text[end:]))
    return Markup("".join(out).replace("\n", "<br>\n"))


def _joined(spans: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in sorted((max(0, a), min(length, b)) for a, b in spans):
        if start >= stop:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


_STANDING = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
