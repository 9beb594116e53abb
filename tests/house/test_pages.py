"""The standing pages: whole in both languages, for everyone, without a gap in a sentence."""

import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from app.house import pages
from app.kit import texts
from app.kit.settings import Settings
from app.kit.texts import PlaceholderMissing

ADDRESSES = (
    "/rules", "/how-we-moderate", "/privacy", "/accessibility", "/about", "/contact", "/for-naasten", "/help",
    "/display",
)  # fmt: skip
MAKERS = (
    pages.moderation_page, pages.privacy_page, pages.accessibility_page, pages.about_page, pages.contact_page,
    pages.naasten_page, pages.help_page,
)  # fmt: skip


@pytest.fixture
def guest(forum):
    with TestClient(forum, base_url="https://cafe.example", follow_redirects=False) as client:
        yield client


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setattr(texts, "strict", True)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_no_sentence_has_a_gap(make, language, strict):
    shown = make(language, Settings(_env_file=None))
    words = " ".join([shown.title, *(f"{part.heading} {part.html}" for part in shown.parts)])
    assert len(words) > 300
    assert "{" not in words and "%(" not in words and "<!--" not in words
    anchors = [part.anchor for part in shown.parts]
    assert len(set(anchors)) == len(anchors)


def test_a_gap_would_be_noticed(strict):
    with pytest.raises(PlaceholderMissing):
        pages._page("over.titel", ["over.geld"], "nl", Settings(_env_file=None))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_all_fifteen_rules_are_there(language, strict):
    rules = pages.read_rules(language, Settings(_env_file=None))
    assert [rule.number for rule in rules] == list(range(1, 16))
    assert all(rule.title and rule.text and rule.good and rule.less_good and rule.why for rule in rules)
    assert len({rule.title for rule in rules}) == 15


def test_everyone_reads_the_standing_pages(guest):
    for address in ADDRESSES:
        answer = guest.get(address)
        assert answer.status_code == 200, address
        assert answer.text.count("<h1") == 1
        assert "noindex" in answer.headers["x-robots-tag"]


def test_each_rule_has_its_own_address(guest):
    html = guest.get("/rules").text
    for number in range(1, 16):
        assert f'id="rule-{number}"' in html and f'href="#rule-{number}"' in html


def test_the_help_page_says_first_whom_to_call(guest):
    html = guest.get("/help").text
    main = html.partition("<main")[2]
    assert main.index('href="tel:08000113"') < main.index("text stack")
    assert 'href="tel:112"' in main and "https://www.113.nl/" in main


def test_machines_get_their_answers(guest):
    assert guest.get("/healthz").text == "ok"
    robots = guest.get("/robots.txt").text
    assert "User-agent: GPTBot" in robots
    groups = [group.split("\n") for group in re.split(r"\n\n", robots)]
    for_all = next(group for group in groups if "User-agent: *" in group)
    assert "Disallow:" in for_all and "Disallow: /" not in for_all
    security = guest.get("/.well-known/security.txt").text
    assert "Contact: mailto:contact@cafe.example" in security
    assert "Canonical: https://cafe.example/.well-known/security.txt" in security
    expires = datetime.fromisoformat(re.search("Expires: (.*)", security)[1])
    assert 100 < (expires - datetime.now(UTC)).days < 365
