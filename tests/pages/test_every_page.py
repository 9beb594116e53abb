"""Every page × everybody who may look: nothing inline or from others, no violation, nothing that does not fit."""

from collections.abc import Callable, Iterator

import pytest

from app.kit.guarding import CONTENT_SECURITY
from app.main import build
from tests.browsers import Complaints
from tests.pages.looking import inaccessible, not_fitting, not_ours
from tests.pages.places import ROLES, WALKS, Stop, addresses, looker
from tests.pages.visitors import Cafe, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

HEADERS = {"Content-Type": "text/html", "Content-Security-Policy": CONTENT_SECURITY}
PLANTED = """<!doctype html><title>x</title><style>p { color: red }</style><script>alert(1)</script>
<p style="color: red">x</p><p onclick="x()">x</p><a href="javascript:x()">x</a>
<img alt="" src="http://cafe.example/pixel.png">"""
EVERY = 4  # one page in so many is looked at in the dark too


def stops(cafe: Cafe, visitors: Visitors, role: str) -> Iterator[Stop]:
    """Every page that this role can come to, each once: an address that leads elsewhere is that other page."""
    who = looker(cafe, role)
    visitor = visitors(who.account)
    forum = build(cafe.settings, with_postman=False)
    seen = set()
    for name, address in addresses(who, forum):
        answer = visitor.page.goto(address)
        assert answer is not None and answer.status < 500, f"{name}: {address}"
        landed = visitor.page.url.partition("?")[0].partition("#")[0]
        shown = (answer.status, landed if answer.status in {200, 403, 422} else "")
        if shown not in seen:
            seen.add(shown)
            yield visitor, f"{name} ({answer.status})"
    forum.state.database.close()
    for walk in WALKS[role]:
        yield from walk(cafe, visitors, who.account)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_accessible_fits_and_is_all_ours(
    cafe: Cafe, visitors: Visitors, complaints: Complaints, role: str, say: Callable[[str], None]
) -> None:
    problems: list[str] = []
    pages = dark = 0
    for visitor, name in stops(cafe, visitors, role):
        pages += 1
        found = [*not_ours(visitor.page), *inaccessible(visitor.page), *not_fitting(visitor.page)]
        if pages % EVERY == 0:
            dark += 1
            found += inaccessible(visitor.page, dark=True)
        problems += [f"{name}: {one}" for one in found]
    assert not problems, f"{len(problems)} on {pages} pages\n" + "\n".join(problems)
    say(f"P11: {role}: {visitors.requests} requests of {pages} pages, 0 to another machine")
    say(f"P43: {role}: {pages} pages, 0 scripts, styles or handlers inline, 0 reports against the CSP")
    say(f"P73: {role}: {pages} pages, {dark} of them dark as well, 0 violations")
    say(f"P75: {role}: {pages} pages at 320 × 256 and with letters twice as large, 0 that scroll sideways or are cut")


def test_what_is_planted_on_a_page_is_found(
    cafe: Cafe, visitors: Visitors, complaints: Complaints, say: Callable[[str], None]
) -> None:
    page = visitors().page
    page.goto("/sign-in")
    assert [*not_ours(page), *inaccessible(page), *not_fitting(page)] == []

    page.evaluate("() => document.querySelector('label[for=field-email]').remove()")
    assert any("label" in one for one in inaccessible(page))
    page.goto("/sign-in")
    page.evaluate("() => { document.querySelector('h1').style.color = '#777' }")
    assert any("color-contrast" in one for one in inaccessible(page))
    page.goto("/sign-in")
    page.evaluate("""() => { document.querySelector('h1').style.width = '500px' }""")
    assert any("500" in one or "px in a window" in one for one in not_fitting(page))
    page.evaluate(
        "() => { const one = document.querySelector('p'); one.style.cssText = 'height: 5px; overflow: hidden' }"
    )
    assert any("clipped" in one for one in not_fitting(page))

    page.route("**/planted", lambda route: route.fulfill(body=PLANTED, headers=HEADERS))
    page.goto("/planted")
    found = not_ours(page)
    assert sum("inline" in one for one in found) == 5 and sum("from elsewhere" in one for one in found) == 1
    assert any("against the CSP" in one for one in complaints.found)
    page.route("**/asks", lambda route: route.fulfill(body="<img src='http://cafe.example/pixel.png'>"))
    page.goto("/asks")
    assert any("another machine" in one for one in complaints.found)
    complaints.found.clear()
    visitors.forgive()
    say("P11, P43: 8 of 8 planted faults found: five kinds of inline, an image from elsewhere, its request, the CSP")
    say("P73, P75: 4 of 4 planted faults found: no label, faint letters, 500 px in a window of 320, cut text")
