"""P28: what a request says of its own host never ends up in a page, a redirect or a mail."""

import re
import socket
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from app.kit.mail import Mail
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401
from tests.servers import Server

Say = Callable[[str], None]
OURS = "https://cafe.example"
Headers = list[tuple[bytes, bytes]]

FORGED_HOSTS = (
    "", "evil.example", "cafe.example.evil.example", "evil.cafe.example", "evilcafe.example", "cafe.example:443",
    "cafe.example:80", "cafe.example:8443", "cafe.example:", "cafe.example:x", "cafe.example.", "CAFE.example",
    "cafe.example@evil.example", "evil.example@cafe.example", "cafe.example/evil", "cafe.example/../evil.example",
    "cafe.example?evil", "cafe.example#evil", "cafe.example\\evil", " cafe.example", "cafe.example ",
    "cafe.example,evil.example", "cafe.example evil.example", "https://cafe.example", "//cafe.example", "[::1]",
    "127.0.0.1", "localhost", "127.0.0.1:8000", "cafe.example\tevil", "caf\xe9.example", "xn--caf-dma.example",
    "cafe%2eexample", "0", "*", "cafe.example;evil",
)  # fmt: skip
NAMES = (
    "x-forwarded-host", "x-host", "x-forwarded-server", "x-original-url", "x-rewrite-url", "x-http-host-override",
    "x-original-host", "x-forwarded-prefix", "x-forwarded-port", "forwarded", "x-forwarded-proto", "via",
)  # fmt: skip
VALUES = ("evil.example:443", "https://evil.example", "http", "host=evil.example;proto=http", "/evil", "443, 80")
# Each alone, and all of them with each odd value.
FORGING = (*({name: "evil.example"} for name in NAMES), *(dict.fromkeys(NAMES, value) for value in VALUES))


def masked(page: str) -> str:
    """A page without what differs each time: form tokens and keys of forms."""
    return re.sub(r'name="(form_token|once|state)" value="[^"]*"', "", page)


Answer = tuple[int, dict[bytes, bytes], bytes]


def ask(ground: Ground, headers: Headers, path: str = "/") -> Answer:
    """A request with exactly these headers, doubles and all, past every client library."""
    got: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            got.update(status=message["status"], headers=dict(message["headers"]))
        else:
            got["body"] += message.get("body", b"")

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("203.0.113.9", 1), "server": ("cafe.example", 443),
    }  # fmt: skip
    ground.portal.call(ground.forum, scope, receive, send)
    return got["status"], got["headers"], got["body"]


def foreign_links(texts: Iterable[str], ours: str = OURS) -> list[str]:
    """Whole addresses in these texts that are not ours."""
    found = [link for text in texts for link in re.findall(r"https?://[^\s\"'<>]+", text)]
    return [link for link in found if f"{urlsplit(link).scheme}://{urlsplit(link).netloc}" != ours]


def test_a_forged_host_is_refused(ground: Ground, say: Say) -> None:
    for host in FORGED_HOSTS:
        raw = host.encode("latin-1")
        for path in ("/", "/sign-in", "/account", "/nowhere", "/static/css/cafe.css"):
            status, _, body = ask(ground, [(b"host", raw)], path)
            assert status == 400, (host, path, status)
            assert not host.strip() or raw not in body, f"{host!r} is repeated in the answer"
    assert ask(ground, [], "/")[0] == 400, "no host at all"
    assert ask(ground, [(b"host", b"cafe.example")], "/")[0] == 200, "control: our own is answered"
    say(f"P28: {len(FORGED_HOSTS) + 1} forged hosts × 5 paths: all 400")


def test_two_hosts_never_poison_an_address(ground: Ground, say: Say) -> None:
    doubles: list[Headers] = [
        [(b"host", b"cafe.example"), (b"host", b"evil.example")],
        [(b"host", b"evil.example"), (b"host", b"cafe.example")],
    ]
    for headers in doubles:
        for path in ("/", "/account", "/rules/", "/sign-in"):
            status, answered, body = ask(ground, headers, path)
            assert b"evil" not in body and b"evil" not in answered.get(b"location", b""), (headers, path)
            assert status in {200, 303, 307, 400, 404}
    say(f"P28: {len(doubles)} double hosts × 4 paths: 0 foreign addresses")


def test_forwarding_headers_change_no_page_and_no_redirect(ground: Ground, say: Say) -> None:
    guest, anna = ground.fresh(None), ground.fresh(ground.cast.anna)
    paths = ("/", "/sign-in", "/account", "/rules/", "/.well-known/security.txt")
    pages = [(one, path) for one in (guest, anna) for path in paths]
    for one, path in pages:
        plain = one.get(path)
        for headers in FORGING:
            forged = one.get(path, headers=headers)
            assert forged.status_code == plain.status_code
            assert forged.headers.get("location") == plain.headers.get("location")
            assert masked(forged.text) == masked(plain.text), (path, headers)
    assert not foreign_links([guest.get("/rules/").headers.get("location", "")])
    say(f"P28: {len(FORGING)} forwarding headers × {len(pages)} pages: each as without")


def test_links_in_mails_come_from_the_settings(ground: Ground, say: Say) -> None:
    def mails_after(headers: dict[str, str]) -> list[str]:
        with ground.cast.database.writing() as db:
            db.execute(delete(Mail))
        guest = ground.fresh(None)
        for name in ("send_forgotten", "send_sign_in", "send_sign_up"):
            route = ground.route(name)
            answer = guest.post(ground.address(route), ground.filling(name), headers=headers)
            assert answer.status_code == 303, (name, headers, answer.status_code)
        changed = ground.fresh(ground.cast.anna).post(
            ground.address(ground.route("send_password")), ground.filling("send_password"), headers=headers
        )
        assert changed.status_code == 303
        with ground.cast.database.reading() as db:
            return list(db.scalars(select(Mail.text)))

    count = 0
    for headers in ({}, *FORGING[::4], {"referer": "https://evil.example/"}, {"origin": "https://evil.example"}):
        texts = mails_after({"sec-fetch-site": "same-origin", **headers})
        assert len(texts) == 4
        links = [link for text in texts for link in re.findall(r"https?://\S+", text)]
        assert len(links) >= 4 and not foreign_links(texts), foreign_links(texts)
        count += len(links)
    say(f"P28: {count} links in mails after forged requests, 0 foreign")


def test_on_the_wire_too(serve: Callable[..., Server], say: Say) -> None:
    """As the real server reads it: a whole address in the request line, and a proxy header from nearby."""
    server = serve()
    ours = server.url
    host = urlsplit(ours).netloc.encode()
    foreign = []
    requests = [
        b"GET http://evil.example/account HTTP/1.1\r\nHost: " + host,
        b"GET //evil.example/account HTTP/1.1\r\nHost: " + host,
        b"GET http://evil.example/account HTTP/1.1\r\nHost: " + host + b"\r\nX-Forwarded-Host: evil.example",
        b"GET /account HTTP/1.1\r\nHost: " + host + b"\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https",
        b"GET /rules/ HTTP/1.1\r\nHost: " + host + b"\r\nX-Forwarded-Host: evil.example",
        b"GET /account HTTP/1.1\r\nHost: evil.example",
        b"GET /account HTTP/1.1\r\nHost: " + host + b"\r\nHost: evil.example",
    ]
    for request in requests:
        with socket.create_connection(("127.0.0.1", urlsplit(ours).port or 0), timeout=10) as connection:
            connection.sendall(request + b"\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")
        assert answer.startswith("HTTP/1.1 "), answer[:80]
        location = re.search(r"(?im)^location: (\S+)", answer)
        if "evil" in answer or (location and foreign_links([location[1]], ours)):
            foreign.append((request, answer[:300]))
    assert not foreign, foreign
    say(f"P28: {len(requests)} requests on the wire, 0 foreign addresses")


def test_a_foreign_link_is_noticed(say: Say) -> None:
    planted = [
        "Kijk op https://evil.example/confirm/x", "http://cafe.example/x", "https://cafe.example:8443/x",
        "https://cafe.example.evil.example/x", "https://cafe.example@evil.example/x",
    ]  # fmt: skip
    assert all(foreign_links([one]) for one in planted) and not foreign_links([f"{OURS}/confirm/x"])
    say(f"P28 control: {len(planted)} of {len(planted)} planted foreign links noticed")
