"""What a member's text becomes: only a few plain tags, only safe links, and the same however often it is read."""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit import html
from app.kit.html import LINK_REL, MAX_TEXT, TAGS, as_typed, marked, over_limit, page_html, safe_address, to_html

Say = Callable[[str], None]

# Promise P3. Nothing else may ever come out, whatever goes in.
ALLOWED = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}
VOID = {"br"}


class Reading(HTMLParser):
    """Reads HTML as strictly as it can, and says what breaks the contract."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if (tag, name) not in {("a", "href"), ("a", "rel")}:
                self.faults.append(f"<{tag} {name}>")
            if name == "rel" and value != LINK_REL:
                self.faults.append(f"rel={value}")
            if name == "href":
                self.links.append(value or "")
                if urlsplit((value or "").strip()).scheme not in {"http", "https", "mailto"}:
                    self.faults.append(f"href={value}")
        if tag == "a" and {name for name, _ in attributes} not in ({"href", "rel"}, set()):
            self.faults.append(f"a link with {attributes}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("an instruction")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("CDATA")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(made: str) -> Reading:
    reading = Reading()
    reading.feed(made)
    reading.close()
    if reading.open:
        reading.faults.append(f"left open: {reading.open}")
    return reading


def cleaned_again(made: str) -> str:
    """What another parser, a real one of HTML 5, makes of it: the same, or the text could change meaning on a page."""
    return nh3.clean(
        made, tags=ALLOWED, attributes={"a": {"href", "rel"}}, link_rel=None, url_schemes={"http", "https", "mailto"}
    )


def same(made: str) -> str:
    return unescape(made).replace("\xa0", " ")


PAYLOADS = (
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example></ScRiPt>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>", "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<style>@import'x'</style>", "<p style='background:url(javascript:x)'>x</p>",
    "<form action=//evil.example><button>x</form>", "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>", "<object data=x>", "<embed src=x>", "<base href=//evil.example>",
    "<link rel=stylesheet href=//x>", "<meta http-equiv=refresh content='0;url=//x'>",
    "<template><script>alert(1)</script></template>", "<noscript><p title='</noscript><img src=x>'>",
    "<!--><script>alert(1)</script>-->", "<!-- x --!><img src=x>", "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?>", "<!doctype html>", "<p id=x class=y>x</p>", "<div onclick=alert(1)>x</div>",
    "<a name=x>x</a>", "</p><script>alert(1)</script><p>", "</article></main>x",
    "<textarea></textarea><script>alert(1)</script>", "<title></title><img src=x onerror=alert(1)>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<select><option><style></option></select><img src=x></style>", "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))", "[x](javascript&colon;alert(1))", "[x](\x01javascript:alert(1))",
    "[x]( javascript:alert(1))", "[x](<javascript:alert(1)>)", "[x](data:text/html,x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](vbscript:x)", "[x](file:///etc/passwd)", "[x](//evil.example)",
    "[x](\\\\evil.example)", "[x](https://ok.example\" onmouseover=\"alert(1))",
    "[x](https://ok.example 'a\" onclick=\"alert(1)')", "[x](https://ok.example/<script>)",
    "[x](https://user:pass@evil.example)", "[x](https://evil.example\\@ok.example)", "[x](https:evil.example)",
    "[x](http://)", "[x](https://[::1)", "![x](https://evil.example/pixel.png)", "![x](javascript:alert(1))",
    "![x](x\" onerror=\"alert(1))", "[![x](https://e.example/x.png)](https://e.example)", "<https://ok.example>",
    "<javascript:alert(1)>", "<a@b.nl>", "[x]: javascript:alert(1)\n\n[x]", "[x][y]\n\n[y]: data:text/html,x",
    "`<script>alert(1)</script>`", "```html\n<script>alert(1)</script>\n```", "    <script>alert(1)</script>",
    "> <script>alert(1)</script>", "- <img src=x onerror=alert(1)>", "**<svg onload=x>**",
    "# <script>alert(1)</script>", "| <img src=x> |\n|---|\n| x |", "~~<s>~~",
    "https://ok.example/<script>alert(1)</script>", "https://ok.example/\"onclick=alert(1)",
    "https://ok.example/'onclick=alert(1)", "javascript:alert(1)", "https://ok.example\u202e/elgoog",
    "http://\u0430pple.example", "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;script&amp;gt;", "\\<script>alert(1)\\</script>", "%3Cscript%3Ealert(1)%3C/script%3E",
    "\x00<scr\x00ipt>x", "\ufeff<script>x</script>", "<scr<script>ipt>x</scr</script>ipt>", "<<script>script>x",
    "<a href=https://ok.example target=_blank>x</a>", "{{1337*7331}}", "${x}", "\u2028<script>x</script>",
    "<svg/onload=x//", "<a\x0bhref=javascript:x>", "<\x00script>", "<ſcript>x</ſcript>", "＜script＞x＜/script＞",
    "<p/onclick=x>y",
)  # fmt: skip


def test_nothing_but_the_contract_comes_out(say: Say) -> None:
    assert set(TAGS) == ALLOWED and len(PAYLOADS) >= 60
    contexts = (
        "{}",
        "Kijk: {} en verder",
        "> {}",
        "- {}\n- b",
        "1. {}",
        "**{}**",
        "*{}*",
        "[{}](https://ok.example)",
        "a\n{}\nb",
        "{}{}",
    )
    count = 0
    for payload in PAYLOADS:
        for context in contexts:
            text = context.replace("{}", payload)
            made = to_html(text)
            reading = read(made)
            assert not reading.faults, (text, made, reading.faults)
            assert all(safe_address(link) is not None for link in reading.links), (text, reading.links)
            assert same(cleaned_again(made)) == same(made), (text, made)
            count += 1
    say(f"html: {len(PAYLOADS)} payloads in {len(contexts)} places: {count} texts, 0 beyond the contract, 0 unstable")


def test_what_breaks_the_contract_is_noticed(say: Say) -> None:
    planted = [
        "<script>x</script>", "<p onclick='x'>x</p>", "<a href='javascript:x' rel='x'>x</a>", "<img src=x>", "<p>x",
        "x</p>", "<!-- x -->", "<a href='//evil.example'>x</a>", f"<a href=' data:x' rel='{LINK_REL}'>x</a>",
        "<p style='x'>x</p>", "<!doctype html>", "<b>x</b>", "<p><em>x</p></em>", "<a href='https://ok.example'>x</a>",
    ]  # fmt: skip
    assert not [one for one in planted if not read(one).faults]
    assert not read(f'<p>a<br>b</p><a href="https://ok.example" rel="{LINK_REL}">x</a>').faults
    say(f"html control: {len(planted)} of {len(planted)} planted faults noticed")


ALPHABET = st.sampled_from(
    [
        *"abz <>&\"'*_[]()!`\\#-+>1.\n\t/:;=",
        "http://",
        "](",
        "<a ",
        "&lt;",
        "&#x",
        "</",
        "\xa0",
        "\u202e",
        "é",
        "\u0301",
        "javascript:",
    ]
)
TEXTS = (
    st.lists(ALPHABET, max_size=60).map("".join)
    | st.text(max_size=120)
    | st.lists(st.sampled_from(PAYLOADS), max_size=3).map(" ".join)
)


def test_read_again_it_stays_the_same(say: Say) -> None:
    seen = 0

    @settings(max_examples=400, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(TEXTS)
    def check(text: str) -> None:
        nonlocal seen
        made = to_html(text)
        assert not read(made).faults, (text, made)
        once = cleaned_again(made)
        assert cleaned_again(once) == once
        assert same(once) == same(made), (text, made)
        assert not read(as_typed(text)).faults
        seen += 1

    check()
    say(f"html: {seen} texts of Hypothesis: f(f(x)) = f(x), 0 beyond the contract")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Hallo", "<p>Hallo</p>"),
        ("Een\nTwee", "<p>Een<br>\nTwee</p>"),
        ("Een\n\nTwee", "<p>Een</p>\n<p>Twee</p>"),
        ("**vet** en *schuin*", "<p><strong>vet</strong> en <em>schuin</em></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> zei zij", "<blockquote>\n<p>zei zij</p>\n</blockquote>"),
        ("Zij zei: \"au\" & 'oei' <3", "<p>Zij zei: \"au\" &amp; 'oei' &lt;3</p>"),
        ("# geen kop", "<p># geen kop</p>"),
        ("`geen code`", "<p>`geen code`</p>"),
        ("1 * 2 * 3 en snake_case_naam", "<p>1 * 2 * 3 en snake_case_naam</p>"),
        ("![kat](https://x.nl/kat.png)", f'<p>!<a href="https://x.nl/kat.png" rel="{LINK_REL}">kat</a> (x.nl)</p>'),
        ("Zie https://x.nl/a.", f'<p>Zie <a href="https://x.nl/a" rel="{LINK_REL}">https://x.nl/a</a>.</p>'),
        ("[hier](https://x.nl/a)", f'<p><a href="https://x.nl/a" rel="{LINK_REL}">hier</a> (x.nl)</p>'),
        ("[x.nl](https://x.nl/a)", f'<p><a href="https://x.nl/a" rel="{LINK_REL}">x.nl</a></p>'),
        ("<b>kaal</b>", "<p>&lt;b&gt;kaal&lt;/b&gt;</p>"),
        ("", ""),
    ],
)
def test_what_people_write_becomes_what_they_mean(text: str, made: str) -> None:
    assert to_html(text).strip() == made


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://x.nl", "https://x.nl"),
        ("http://x.nl:8080/a?b=c#d", "http://x.nl:8080/a?b=c#d"),
        ("HTTPS://X.nl/", "https://X.nl/"),
        ("mailto:anna@x.nl", "mailto:anna@x.nl"),
        ("mailto:anna@x.nl?bcc=mo@x.nl&body=x", "mailto:anna@x.nl"),
        ("mailto:niemand", None),
        ("javascript:alert(1)", None),
        (" https://x.nl", None),
        ("https://x.nl/a b", None),
        ("https://x.nl\\@evil.example", None),
        ("https://anna@x.nl", None),
        ("https://anna:geheim@x.nl", None),
        ("https://", None),
        ("https://x.nl:port", None),
        ("https://x.nl:99999", None),
        ("//x.nl", None),
        ("/account", None),
        ("x.nl", None),
        ("tel:113", None),
        ("ftp://x.nl", None),
        ("https://x.nl/" + "a" * 500, None),
        ("https://x.nl/\x00", None),
        ("https://x.nl/\n", None),
        ("", None),
    ],
)
def test_only_a_plain_address_becomes_a_link(address: str, safe: str | None) -> None:
    assert safe_address(address) == safe


def test_a_text_that_is_too_much_is_said_to_be_so(say: Say) -> None:
    fits = {
        "as long as fits": "a" * MAX_TEXT,
        "as many lines as fit": "a\n" * (html.MAX_LINES - 1),
        "as many links as fit": "https://x.nl " * html.MAX_LINKS,
        "as many stars as fit": "*a" * html.MAX_RUNS,
        "as deep as fits": "> " * html.MAX_DEPTH + "a",
        "accents": "e\u0301" * 500,
        "quotation marks": '"' * 5_000,
        "a long list": "- a\n" * 199,
        "nothing": "",
    }
    too_much = {
        "longer": "a" * (MAX_TEXT + 1),
        "more lines": "a\n" * html.MAX_LINES,
        "more links": "https://x.nl " * (html.MAX_LINKS + 1),
        **{f"more {sign}": f"{sign}a" * (html.MAX_RUNS + 1) for sign in "[]<&*_>`\\"},
        "deeper": "> " * (html.MAX_DEPTH + 1) + "a",
        "deeper lists": "- " * (html.MAX_DEPTH + 1) + "a",
        "deeper by indent": " " * 48 + "- a",
        "a heap of marks": "e" + "\u0301" * (html.MAX_MARKS + 1),
    }
    assert {name: over_limit(text) for name, text in fits.items()} == dict.fromkeys(fits)
    assert all(over_limit(text) for text in too_much.values())
    say(f"html: {len(too_much)} texts that are too much refused; control: {len(fits)} at the limit taken")


def test_two_cleaners_that_disagree_show_the_text_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html.nh3, "clean", lambda made, **_: made + "<p>meer</p>")
    assert to_html("Een *tekst* <3\nen meer") == "<p>Een *tekst* &lt;3<br>en meer</p>"
    monkeypatch.setattr(html._READER, "render", _too_deep)
    assert to_html("Een <b>tekst</b>") == "<p>Een &lt;b&gt;tekst&lt;/b&gt;</p>"


def _too_deep(text: str) -> str:
    raise RecursionError


@pytest.mark.parametrize(
    ("text", "spans", "made"),
    [
        ("Neem <20> mg", [(5, 9)], "Neem <mark>&lt;20&gt;</mark> mg"),
        ("abcdef", [(0, 2), (4, 6)], "<mark>ab</mark>cd<mark>ef</mark>"),
        ("abcdef", [(0, 3), (2, 5)], "<mark>abcde</mark>f"),
        ("abcdef", [(4, 6), (0, 2)], "<mark>ab</mark>cd<mark>ef</mark>"),
        ("abc", [(-5, 99)], "<mark>abc</mark>"),
        ("abc", [(2, 2), (3, 1)], "abc"),
        ("a\nb", [(0, 3)], "<mark>a<br>\nb</mark>"),
        ("<script>", [], "&lt;script&gt;"),
        ("", [(0, 1)], ""),
    ],
)
def test_marking_shows_the_words_and_runs_nothing(text: str, spans: list[tuple[int, int]], made: str) -> None:
    assert marked(text, spans) == made


def test_marking_loses_no_character() -> None:
    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=5))
    def check(text: str, spans: list[tuple[int, int]]) -> None:
        made = str(marked(text, spans))
        bare = re.sub(r"</?mark>", "", made).replace("<br>\n", "\n")
        assert unescape(bare) == unescape(re.sub("\r\n?", "\r", text)) or "\r" in text or "&" in text
        assert "<" not in bare

    check()


def test_our_own_pages_may_have_tables_and_no_html() -> None:
    made = page_html("# Kop\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>x</script>")
    assert "<h1>Kop</h1>" in made and "<td>1</td>" in made and "<script>" not in made
