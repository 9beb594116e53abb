"""P64: whatever is sent, the answer is an answer: never a 5xx, and never a page that was not theirs."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Response
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit.permission import open_to, policy_of
from app.members.viewer import EVERYONE
from tests.browser import Browser
from tests.promises.test_p64_ground import Ground, changed, the_ground  # noqa: F401

Say = Callable[[str], None]
FORM = "application/x-www-form-urlencoded"

ODD = (
    "", " ", "0", "-1", "1.5", "1e9", "NaN", "inf", "true", "null", "None", "[]", "{}", "9" * 30, "-" + "9" * 400,
    "\0", "a\0b", "\r\n", "\t", "\x1b[31m", "\ufeff", "\u202e", "\u200d", "\uffff", "\U0010ffff", "e\u0301" * 50,
    "a" + "\u0301" * 500, "é" * 300, "a" * 20, "a" * 300, "x" * 4000, "..", "../../etc/passwd", "%00", "%ff", "%",
    "%zz", "a/b", "a\\b", "a;b", "a?b", "a#b", "a b", "👩‍👩‍👧", "ﷺ" * 20, "١٢٣", "２３", "<>", "&amp;", "'", '"', "`",
    "|", "*",
)  # fmt: skip
# Bytes that are no UTF-8, as a broken or a hostile client sends them.
RAW = (
    "%ff%fe",
    "%c3%28",
    "%ed%a0%80",
    "%f8%88%80%80%80",
    "%00",
    "%0d%0aSet-Cookie:%20a=b",
    "%e2%80%ae",
    "%252e%252e",
    "%2f",
    "%5c",
)
QUERIES = (
    "page_number=-1", "page_number=0", "page_number=99999999999999999999", "page_number=x", "page_number=",
    "page_number=1&page_number=2", "page=-1", "page=99999999999999999999", "page=%00", "older_than=%00",
    "older_than=" + "a" * 20, "order=x", "order=", "kind=x", "show=x", "board=%00", "done=x", "said=x", "kept=x",
    "name=%00", "name=%ff", "name=" + "a" * 3000, "next=%00", "section=%00", "&&&===", "%00=%00", "a[]=1&a[x]=2",
    "name=%ed%a0%80", "older_than=9999-99-99", "=" * 100, "&" * 3000,
)  # fmt: skip


class Asking:
    """Sends, counts the answers, and remembers which were our own mistakes."""

    def __init__(self) -> None:
        self.codes: Counter[int] = Counter()
        self.faults: list[str] = []

    def __call__(self, what: str, send: Callable[[], Any]) -> None:
        try:
            status = send().status_code
        except Exception as fault:  # an exception that no page was made of is the worst answer
            self.faults.append(f"{what}: {fault!r}"[:300])
            return
        self.codes[status] += 1
        if status >= 500:
            self.faults.append(f"{what}: {status}"[:300])

    def sum(self) -> str:
        return f"{self.codes.total()} requests, {len(self.faults)} of them 5xx ({dict(sorted(self.codes.items()))})"


def people(ground: Ground) -> dict[str, Browser]:
    return {name: ground.fresh(person) for name, person in ground.people().items()}


def test_odd_addresses(ground: Ground, say: Say) -> None:
    ask, everyone = Asking(), people(ground)
    values = cycle((*map(quote_odd, ODD), *RAW))
    queries = cycle(QUERIES)
    with_place = [route for route in ground.gets() if route.param_convertors]
    for route in with_place:
        for one in everyone.values():
            for _ in range(4):
                path = in_every_place(route, next(values))
                ask(f"GET {path}", lambda: one.get(path))  # noqa: B023
    for route in ground.gets():
        address = ground.address(route)
        for name in ("guest", "member", "moderator"):
            for _ in range(3):
                query = next(queries)
                ask(f"GET {address}?{query}", lambda: everyone[name].get(f"{address}?{query}"))  # noqa: B023
    assert not ask.faults, "\n".join(ask.faults)
    say(f"P64: odd addresses: {ask.sum()}")


def quote_odd(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="") or "%20"


def in_every_place(route: APIRoute, value: str) -> str:
    path = route.path
    for name in route.param_convertors:
        path = path.replace("{" + name + "}", value)
    return path


def odd_bodies(filling: dict[str, Any], token: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Requests with one thing odd about them, whose token is right so that they are read."""
    whole = {**filling, "form_token": token}
    plain = urlencode(whole, doseq=True)

    def form(body: str | bytes) -> dict[str, Any]:
        return {"content": body, "headers": {"content-type": FORM}}

    names = [name for name in filling] or ["x"]
    yield "ten thousand fields", form(plain + "&" + "&".join(f"f{i}=1" for i in range(10_000)))
    yield "the same field often", form(plain + "&" + "&".join(f"{names[0]}={i}" for i in range(50)))
    yield "each field twice", form(plain + "&" + plain)
    yield "64 kB of text", form(urlencode({**whole, names[0]: "woord " * 11_000}, doseq=True))
    yield "64 kB in each field", form(urlencode({**dict.fromkeys(names[:3], "é" * 16_000), "form_token": token}))
    yield "too much", form(plain + "&x=" + "a" * 262_144)
    yield "NUL in each field", form(urlencode({**dict.fromkeys(names, "a\0b"), "form_token": token}))
    yield "no UTF-8", form("&".join(f"{name}=%ff%fe%ed%a0%80" for name in names) + f"&form_token={token}")
    yield "raw bytes", form(b"\xff\xfe\x00&form_token=" + token.encode() + b"&\xed\xa0\x80=\xed\xa0\x80")
    yield "lone surrogates", form("&".join(f"{name}=%ed%b0%80" for name in names) + f"&form_token={token}")
    yield "nothing in each field", form(urlencode({**dict.fromkeys(names, ""), "form_token": token}))
    yield "numbers", form(urlencode({**dict.fromkeys(names, "9" * 400), "form_token": token}))
    yield "big numbers", form(urlencode({**dict.fromkeys(names, str(2**63)), "form_token": token}))
    yield "below zero", form(urlencode({**dict.fromkeys(names, "-1"), "form_token": token}))
    yield "names with brackets", form("&".join(f"{name}[]=1&{name}[x][y]=2" for name in names) + f"&form_token={token}")
    yield "ampersands", form("&" * 5000 + f"form_token={token}")
    yield "no body", {}
    yield "no content type", {"content": plain}
    yield "JSON", {"content": json.dumps(whole), "headers": {"content-type": "application/json"}}
    yield "JSON said to be a form", form(json.dumps(whole))
    yield "another content type", {"content": plain, "headers": {"content-type": "text/xml; charset=x"}}
    yield "odd charset", {"content": plain, "headers": {"content-type": f"{FORM}; charset=utf-7"}}
    yield "multipart", {"files": {name: (None, str(value)) for name, value in whole.items()}}
    yield (
        "a file in each field",
        {"data": {"form_token": token}, "files": {name: ("x.png", b"\x89PNG") for name in names}},
    )
    yield (
        "multipart without end",
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n' + token.encode(),
            "headers": {"content-type": "multipart/form-data; boundary=x"},
        },
    )
    yield "multipart without boundary", {"content": b"--x", "headers": {"content-type": "multipart/form-data"}}
    yield "multipart of another boundary", {
        "content": b"--y\r\n\r\n--y--", "headers": {"content-type": "multipart/form-data; boundary=x"},
    }  # fmt: skip
    yield "multipart with a long preamble", {
        "content": b"a" * 60_000 + b"\r\n--x--\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"},
    }  # fmt: skip
    yield (
        "an odd part",
        {
            "content": b"--x\r\nContent-Disposition: form-data; name=\xff\r\nContent-Type: \x00\r\n\r\n\xff\r\n--x--",
            "headers": {"content-type": "multipart/form-data; boundary=x"},
        },
    )
    yield "an odd length", {"content": plain, "headers": {"content-type": FORM, "content-length": "-1"}}


def test_odd_forms(ground: Ground, say: Say) -> None:
    ask = Asking()
    for number, route in enumerate(ground.posts()):
        address, filling, person = ground.address(route), ground.filling(route.name), ground.person_for(route)
        one = ground.fresh(person)
        for what, request in islice(odd_bodies(filling, one.token()), number % 2, None, 2):  # each at every other form
            ask(f"POST {route.path} with {what}", lambda: one.client.post(address, **request))  # noqa: B023
    assert not ask.faults, "\n".join(ask.faults)
    say(f"P64: odd forms: {ask.sum()}")


def test_forms_at_odd_addresses_and_of_others(ground: Ground, say: Say) -> None:
    """A form for something that is not there, or not theirs: refused, and nothing written."""
    ask, everyone = Asking(), people(ground)
    values = cycle((*map(quote_odd, ODD), *RAW))
    placed = [route for route in ground.posts() if route.param_convertors]
    fillings = {route.name: ground.filling(route.name) for route in placed}
    before = ground.rows()
    for route in placed:
        for one in everyone.values():
            for _ in range(3):
                path = in_every_place(route, next(values))
                ask(f"POST {path}", lambda: one.post(path, fillings[route.name]))  # noqa: B023
    assert not ask.faults, "\n".join(ask.faults)
    assert not changed(before, ground.rows()), changed(before, ground.rows())
    assert not {200, 303} & set(ask.codes) - {303}, "only a guest is sent to sign in"
    say(f"P64: forms at odd addresses: {ask.sum()}, 0 rows changed")


def test_authority_is_never_ignored(ground: Ground, say: Say) -> None:
    """What is for members, moderators or administrators is not answered to anybody less, however it is asked."""
    rank = {"guest": 0, "member": 1, "moderator": 2, "administrator": 2}
    asked = 0
    for route in ground.routes:
        policy = policy_of(route.endpoint)
        assert policy is not None
        needed = {"members": 1, "moderators": 2, "administrators": 2}.get(policy.name, 0)
        method = "GET" if "GET" in route.methods else "POST"
        address = ground.address(route)
        for name, one in people(ground).items():
            lacks = rank[name] < needed or (needed == 2 and policy.name != f"{name}s")
            if not lacks:
                continue
            answer = one.get(address) if method == "GET" else one.post(address, ground.filling(route.name))
            to_sign_in = name == "guest" and answer.headers.get("location", "").startswith("/sign-in?next=")
            assert to_sign_in or answer.status_code in {403, 404}, (method, route.path, name, answer.status_code)
            asked += 1
    say(f"P64: {asked} requests for what is not theirs: 0 answered")


def test_hypothesis_finds_nothing_either(ground: Ground, say: Say) -> None:
    ask, bram = Asking(), ground.fresh(ground.cast.bram)
    posts = {route.name: (ground.address(route), ground.filling(route.name)) for route in ground.posts()}
    mine = [
        ground.route(name)
        for name in ("send_reply", "send_opening", "send_edit", "send_report", "send_display", "send_sign_in")
    ]
    anything = st.text(max_size=200) | st.sampled_from(ODD) | st.integers().map(str)

    @settings(max_examples=150, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.data())
    def send(data: st.DataObject) -> None:
        route = data.draw(st.sampled_from(mine))
        address, filling = posts[route.name]
        names = st.sampled_from([*filling, "next", "x"])
        fields = {**filling, **data.draw(st.dictionaries(names, anything, min_size=1, max_size=3))}
        fields = {name: clean(value) for name, value in fields.items()}
        ask(f"POST {route.path} {fields!r}", lambda: bram.post(address, fields))

    send()
    assert not ask.faults, "\n".join(ask.faults)
    say(f"P64: Hypothesis: {ask.sum()}")


def clean(value: Any) -> Any:
    """Lone surrogates cannot be put in a request by this client; `odd_bodies` sends their bytes."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def test_a_route_that_breaks_is_noticed(ground: Ground, say: Say) -> None:
    """Control: the careless reading of a number that the addresses above would find."""

    @open_to(EVERYONE)
    def careless(text: str = "") -> Response:
        return Response(str(int(text)))

    ground.forum.add_api_route("/careless", careless)
    ask, guest = Asking(), ground.fresh(None)
    for odd in ODD:
        ask(odd, lambda: guest.get(f"/careless?text={quote_odd(odd)}"))  # noqa: B023
    assert len(ask.faults) > len(ODD) // 2 and ask.codes[200]
    say(f"P64 control: a careless route breaks on {len(ask.faults)} of {len(ODD)} odd texts, and each is noticed")
