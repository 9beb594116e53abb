"""After signing in, nobody is led off our own pages (promise P27)."""

from collections.abc import Callable
from itertools import product
from urllib.parse import urljoin, urlsplit

import pytest

from app.members.return_to import own_path

OURS = ["/", "/account", "/threads/abc234def567", "/boards/dvn?page=2", "/threads/x?order=time&page=3", "/a/b/"]

FRONTS = [
    *("//", "///", "/\\", "\\\\", "\\/", "/\t/", "/\n/", "/%09/", "/%2f", "/%5c", "https://", "http:", "https:/", ""),
    *(" //", "\x00//", "/\u2044", "/\u2215", "／／", "/@", "/;@", "/?@", "/#@", "javascript:", "data:", "/.//"),
    *("/..//", "%2f%2f", "/%0d%0aLocation:%20//"),
]
HOSTS = [
    *("evil.example", "cafe.example@evil.example", "evil。example", "evil.example:443", "[::1]", "127.0.0.1"),
    "evil%E3%80%82example",
]
MORE = [
    *("/account\r\nSet-Cookie: s=1", "/account\n", "/a b", "/account#x", "/é", "/a.b", "/a:b", "/" + "a" * 301),
    *("account", "?next=/", "/?a=//b"),
]


def hostile() -> list[str]:
    return [front + host for front, host in product(FRONTS, HOSTS)] + MORE


@pytest.mark.parametrize("path", OURS)
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert own_path(path) == path


def test_nothing_hostile_leads_away(say: Callable[[str], None]) -> None:
    tried = hostile()
    kept = [path for path in tried if own_path(path)]
    careless = [path for path in tried if path.startswith("/") and leads_away(path)]
    say(f"P27: {sum(map(leads_away, kept))} of {len(tried)} hostile addresses lead away; control: {len(careless)}")
    assert len(tried) >= 200 and careless
    assert not kept


def leads_away(path: str) -> bool:
    try:
        return urlsplit(urljoin("https://cafe.example/sign-in", path)).netloc != "cafe.example"
    except ValueError:  # no browser goes there
        return False
