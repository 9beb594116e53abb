"""P27: signing in never leads off our own site, whatever the address says about where to go next."""

from collections.abc import Callable
from itertools import product
from urllib.parse import quote, urljoin, urlsplit

import pytest

from app.members import passwords
from app.members.tables import Member
from tests.browser import forms_of
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]
OURS = "https://cafe.example"
PASSWORD = "vier paarse fietsen zingen"

_EVIL = (
    "evil.example",
    "evil.example/",
    "evil.example/account",
    "evil.example@cafe.example",
    "cafe.example@evil.example",
)
_FRONTS = (
    "//", "///", "////", "\\\\", "/\\", "\\/", "/\\/", "//\\", "https:", "https:/", "https://", "https:\\\\",
    "http://", "//////", "/%2f", "/%5c", "%2f%2f", "%5c%5c", "/%09/", "/\t/", "/\n/", "/\r\n/", "\t//", " //", "\0//",
    "/.//", "/..//", "/./\\", "javascript://", "data:text/html,", "/account//..//", "//%0d%0a", "\u3000//", "\u2028//",
)  # fmt: skip
_WHOLE = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:x",
    "file:///etc/passwd", "//evil\u3002example", "//evil\uff0eexample", "//evil\u2024example", "/\uff0fevil.example",
    "\uff0f\uff0fevil.example", "https://cafe.example.evil.example", "https://cafe.example:443@evil.example",
    "https://cafe.example%2eevil.example", "//[::1]", "//127.0.0.1", "//2130706433", "//0x7f.1", "https:evil.example",
    "http:evil.example", "//evil.example?x=/", "//evil.example#/", "?next=//evil.example", "#//evil.example",
    "evil.example", "/account\r\nLocation: https://evil.example", "/account\r\nSet-Cookie: s=1",
    "/account%0d%0aLocation:%20https://evil.example", "/\\evil.example\\..", "/;@evil.example", "/:@evil.example",
    "/.evil.example", "/account?x=//evil.example", "/account/..//evil.example", "\\\\evil.example\\share",
    "/" * 200 + "evil.example", "/a" * 400, "\ud800//evil.example", "/account\u202e//evil",
)  # fmt: skip
VARIANTS = tuple(dict.fromkeys([front + host for front, host in product(_FRONTS, _EVIL)] + list(_WHOLE)))


def is_ours(location: str) -> bool:
    """Whether a browser stays with us: read as browsers do, who take \\ for / and drop tabs, line ends and spaces."""
    if location[:1] != "/" and not location.startswith(f"{OURS}/"):
        return False
    for shown in (location, location.replace("\\", "/"), "".join(sign for sign in location if sign > " ")):
        whole = urlsplit(urljoin(f"{OURS}/sign-in", shown))
        if (whole.scheme, whole.netloc) != ("https", "cafe.example"):
            return False
    return location.isascii() and location.isprintable()


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


@pytest.fixture
def password_of_bram(ground: Ground) -> str:
    with ground.cast.database.writing() as db:
        member = db.get_one(Member, ground.cast.bram.id)
        member.password_hash = passwords.hash_password(ground.forum.state.settings.secret, PASSWORD)
    return PASSWORD


def test_next_never_leads_off_our_site(ground: Ground, password_of_bram: str, say: Say) -> None:
    member = ground.fresh(ground.cast.anna)
    assert len(VARIANTS) >= 200
    for number, variant in enumerate(VARIANTS):
        seen = member.get(f"/sign-in?next={encoded(variant)}")
        assert seen.status_code == (400 if "\0" in variant else 303), repr(variant)
        assert is_ours(seen.headers.get("location", "/")), (variant, seen.headers["location"])
        guest = ground.fresh(None)
        form = {"email": "bram@voorbeeld.example", "password": password_of_bram}
        sent = guest.post("/sign-in", {**form, "next": variant.encode("utf-8", "replace").decode()})
        assert sent.status_code == 303 and is_ours(sent.headers["location"]), (variant, sent.headers.get("location"))
        hidden = guest_field(ground, variant) if number % 3 == 0 else ""
        assert hidden == "" or is_ours(hidden), (variant, hidden)
    good = member.get("/sign-in?next=/account/devices").headers["location"]
    assert good == "/account/devices", "control: a path of ours is followed"
    say(f"P27: {len(VARIANTS)} variants of next=, by GET, by form and in the hidden field: 0 off-site")


def guest_field(ground: Ground, variant: str) -> str:
    """What the sign-in page carries along for this variant."""
    guest = ground.fresh(None)
    forms = forms_of(guest.get(f"/sign-in?next={encoded(variant)}").text)
    return next((str(form["fields"]["next"]) for form in forms if "next" in form["fields"]), "")


def test_an_odd_path_never_leads_off_our_site(ground: Ground, say: Say) -> None:
    """A guest is sent to sign in from any path, and a slash too many is taken off: both are redirects."""
    guest = ground.fresh(None)
    paths = [
        *("/" + front.lstrip("/") + "evil.example/account" for front in _FRONTS), "//evil.example/account/",
        "//evil.example/..%2f", "/account/", "/rules/", "//account", "/account//", "/\\evil.example/account/",
        "/sections/%2f%2fevil.example/", "/threads/%5cevil.example/reply/",
        "/account?x=%0d%0aLocation:%20//evil.example", "/members/%0d%0aLocation:%20https:%2f%2fevil.example",
        "/my-posts?next=//evil.example",
    ]  # fmt: skip
    redirects = 0
    for path in paths:
        answer = guest.client.get(OURS + quote(path, safe="/%?=:&"))
        location = answer.headers.get("location")
        redirects += location is not None
        assert location is None or is_ours(location), (path, location)
    assert redirects >= 2, "control: some of these are redirects"
    say(f"P27: {len(paths)} odd paths, {redirects} redirects, 0 off-site")


def test_an_off_site_address_is_noticed(say: Say) -> None:
    planted = [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)",
        "/\t/evil.example", "https://cafe.example@evil.example", "http://cafe.example/account", "/x\r\nSet-Cookie: a=b",
        "https:evil.example", "/account\u2028",
    ]  # fmt: skip
    assert not [one for one in planted if is_ours(one)]
    assert all(map(is_ours, ("/", "/account", "/threads/abc?page_number=2#post-x", f"{OURS}/rules")))
    say(f"P27 control: {len(planted)} of {len(planted)} planted off-site addresses noticed")
