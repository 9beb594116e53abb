"""The harness itself: what it refuses, it must really refuse, or a zero of any other test means nothing."""

import socket
from collections.abc import Callable
from email.message import EmailMessage
from smtplib import SMTP
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page
from sqlalchemy import text

from app.kit.db import Database
from tests.browsers import Complaints
from tests.mailbox import Mailbox, links_in
from tests.network import Outside, OutsideConnection
from tests.pages.axe import VENDOR, hash_of_axe, violations
from tests.servers import Server

WRONG = """<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="script-src 'none'">
<title></title></head><body><img src="data:,"><input><a href="#x"></a><p style="color:#aaa;background:#fff">faint</p>"""
RIGHT = (
    """<!doctype html><html lang="nl"><head><title>Goed</title></head><body><main><h1>Goed</h1><p>Tekst</p></main>"""
)


def test_a_connection_to_another_machine_is_refused_and_noticed(outside: Outside, say: Callable[[str], None]) -> None:
    v4, v6 = socket.AF_INET, socket.AF_INET6
    with socket.socket(v4) as stream, socket.socket(v6) as stream6, socket.socket(v4, socket.SOCK_DGRAM) as datagram:
        attempts: list[Callable[[], object]] = [
            lambda: stream.connect(("192.0.2.1", 80)),
            lambda: stream.connect_ex(("192.0.2.1", 80)),
            lambda: stream6.connect(("2001:db8::1", 80)),
            lambda: datagram.sendto(b"", ("192.0.2.1", 53)),
            lambda: socket.create_connection(("cafe.example", 443), timeout=1),
            lambda: socket.gethostbyname("cafe.example"),
        ]
        for attempt in attempts:
            with pytest.raises(OutsideConnection):
                attempt()
    assert len(outside.attempts) == len(attempts)
    outside.attempts.clear()
    say(f"P10: {len(attempts)} of {len(attempts)} planted connections refused; in every other test 0 were tried")


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_with_the_database_as_migrated(database: Database, turn: int) -> None:
    with database.writing() as db:
        assert db.scalar(text("SELECT count(*) FROM outbox")) == 0, "the other turn's row is still here"
        db.execute(
            text(
                "INSERT INTO outbox (public_id, recipient, subject, text, created_at, attempt_count)"
                " VALUES ('a', 'a@cafe.example', 's', 't', '2026-01-01', 0)"
            )
        )


def test_mail_arrives_in_the_mailbox(mailbox: Mailbox) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "cafe@cafe.example", "Anna@cafe.example", "Welkom"
    message.set_content("Kijk op https://cafe.example/bevestig/abc")
    with SMTP("127.0.0.1", mailbox.port) as smtp:
        smtp.send_message(message)
    arrived = mailbox.latest("anna@cafe.example")
    assert links_in(arrived) == ["https://cafe.example/bevestig/abc"]
    assert mailbox.to("bram@cafe.example") == []


def test_the_vendored_axe_is_the_one_we_know() -> None:
    assert hash_of_axe() in (VENDOR / "README.md").read_text(encoding="utf-8"), "run scripts/vendor-axe"


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_axe_finds_planted_faults_and_nothing_on_a_good_page(
    new_page: Callable[..., Page], say: Callable[[str], None], scripts: bool
) -> None:
    page = new_page(scripts=scripts)
    page.route("**/wrong", lambda route: route.fulfill(body=WRONG, content_type="text/html"))
    page.route("**/right", lambda route: route.fulfill(body=RIGHT, content_type="text/html"))
    page.goto("http://127.0.0.1/wrong")
    found = {one.rule for one in violations(page)}
    planted = {"image-alt", "label", "document-title", "html-has-lang", "color-contrast", "landmark-one-main"}
    assert planted <= found
    page.goto("http://127.0.0.1/right")
    assert violations(page) == []
    say(f"P73: axe finds {len(planted)} of {len(planted)} planted faults {'with' if scripts else 'without'} scripts")


@pytest.mark.browser
def test_a_page_that_reaches_outside_or_breaks_its_policy_is_noticed(
    new_page: Callable[..., Page], complaints: Complaints
) -> None:
    page = new_page()
    page.set_content('<img src="http://cafe.example/pixel.png">')
    page.set_content(
        """<meta http-equiv="Content-Security-Policy" content="script-src 'none'"><script>alert(1)</script>"""
    )
    page.wait_for_timeout(100)
    assert any("another machine" in one for one in complaints.found)
    assert any("against the CSP" in one for one in complaints.found)
    complaints.found.clear()


def test_the_forum_serves_as_a_process_of_its_own(serve: Callable[..., Server]) -> None:
    server = serve()
    with urlopen(f"{server.url}/healthz", timeout=5) as answer:
        assert answer.status == 200
    server.crash()
    with pytest.raises(URLError):
        urlopen(f"{server.url}/healthz", timeout=5)
