"""P5: whatever somebody typed is text wherever it shows. A marker in every stored and every reflected field, looked for
in every page, error pages and letters too; and the marker really comes out in each place, escaped."""

import html
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import String, Text, update
from sqlalchemy.exc import OperationalError

from app.kit.db import Base
from app.kit.html import marked, to_html
from app.kit.pages import TEMPLATES, Pages
from app.kit.settings import Settings
from app.main import every_route
from tests.promises.crawl import known_addresses, links_of, places_of
from tests.promises.pressing import form_for
from tests.promises.world import ROLES, Answer, Asking, World, addresses, asking, kinds_of, make_world, undone

Say = Callable[[str], None]

pytestmark = pytest.mark.timeout(300)

MARKER = "'\"><x-canary>"
# Columns that hold what somebody typed; all other text is made by us: choices, hashes, ids, addresses.
TYPED = {
    ("sections", "title"), ("sections", "description"), ("sections", "diagnosis"), ("boards", "title"),
    ("boards", "description"), ("threads", "title"), ("revisions", "title"), ("revisions", "text"),
    ("members", "pseudonym"), ("member_sessions", "device"), ("reports", "words"), ("decisions", "sentence"),
    ("decisions", "explanation"), ("letters", "title"), ("letters", "text"),
}  # fmt: skip
OURS = {
    "public_id", "slug", "email", "skeleton", "password_hash", "secret_hash", "text_hash", "text_version", "display",
    "html", "ruleset", "banners", "key", "digest", "about", "action", "before", "after", "noticed_by", "automatic",
    "kind", "recipient", "subject", "pattern", "outcome", "medicine", "rules", "network",
}  # fmt: skip
ASKED = ("owner", "moderator", "administrator")


def unescaped(body: str) -> bool:
    """Whether the marker became a tag, or got out of an attribute."""
    return "<x-canary" in body.lower() or '"><x' in body or "'><x" in body


def shows(body: str) -> bool:
    """Whether the marker stands there as text."""
    return "x-canary" in body and MARKER in html.unescape(body)


def mark_everything(world: World) -> int:
    """Put the marker at the end of every text that somebody typed, past all forms; titles and names too."""
    count = 0
    with world.database.writing() as db:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if (table.name, column.name) in TYPED:
                    room = getattr(column.type, "length", None) or 10_000
                    short = max(0, min(room, 60) - len(MARKER))
                    for row in db.execute(table.select().where(column.is_not(None))).mappings():
                        keys = [key == row[key.name] for key in table.primary_key.columns]
                        value = f"{row[column.name][:short] if room < 10_000 else row[column.name]}{MARKER}"
                        db.execute(update(table).where(*keys).values({column.name: value}))
                        count += 1
        revisions = Base.metadata.tables["revisions"]
        for row in db.execute(revisions.select()).mappings():
            made = to_html(row["text"])
            db.execute(update(revisions).where(revisions.c.id == row["id"]).values(html=made))
    return count


def test_each_text_column_is_thought_of() -> None:
    """A new column that holds what somebody types belongs in TYPED."""
    text_columns = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if type(column.type) in {String, Text}
    }
    thought_of = TYPED | {(table, name) for table, name in text_columns if name in OURS}
    assert not text_columns - thought_of - {("outbox", "text")}, text_columns - thought_of


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the templates that are rendered while a test runs."""
    names: set[str] = set()
    render = Pages.render

    def noting(self: Pages, visit: object, template: str, *rest: object, **named: object) -> str:
        names.add(template)
        return render(self, visit, template, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Pages, "render", noting)
    return names


def test_every_sink_escapes(settings: Settings, rendered: set[str], monkeypatch: pytest.MonkeyPatch, say: Say) -> None:
    world = make_world(settings)
    marked_rows = mark_everything(world)
    answers: list[Answer] = []
    with asking(world) as ask, undone(world):
        answers += stored(world, ask)
        answers += reflected(world, ask)
        answers += errors(world, ask, monkeypatch)
    bad = [f"{one.method} {one.path} as {one.role} ({one.status})" for one in answers if unescaped(one.body)]
    assert not bad, "\n".join(bad[:20])
    odd = [line for one in answers for line in one.headers if "<x" in line[1] or "\n" in line[1]]
    assert not odd, odd
    pages = {str(one.relative_to(TEMPLATES)) for one in TEMPLATES.rglob("*.html") if not one.name.startswith("_")}
    unseen = {one for one in pages if not one.startswith(("components/", "dev/")) and one != "base.html"} - rendered
    assert not unseen, f"never rendered here: {sorted(unseen)}"
    showing = sum(shows(one.body) for one in answers)
    assert showing > 100
    say(
        f"P5: 0 of {len(answers)} answers unescaped; the marker stands in {marked_rows} stored fields and shows as"
        f" text in {showing} answers of {len(rendered)} templates"
    )
    world.database.close()


def stored(world: World, ask: Asking) -> Iterable[Answer]:
    """Every page, as those who see the most; a guest and a new member see no more of it."""
    for role in ASKED:
        seen: dict[str, Answer] = {}
        waiting = sorted({*places_of(world, "GET"), *known_addresses(world)} if role == "owner" else ["/"])
        if role == "moderator":
            waiting += [path for path, (route, _) in places_of(world, "GET").items() if "/moderat" in route]
        while waiting:
            path = waiting.pop()
            if path not in seen:
                seen[path] = ask.get(role, path)
                if role != "owner":
                    waiting += [link for link in links_of(seen[path]) if _worth_it(role, link)]
        yield from seen.values()


def _worth_it(role: str, link: str) -> bool:
    """The pages of a role that the owner's do not show."""
    start = {"moderator": ("/moderation", "/members"), "administrator": ("/administration",)}[role]
    return link.startswith(start)


def reflected(world: World, ask: Asking) -> Iterable[Answer]:
    """Every form with the marker in each of its fields: what is wrong is shown again. And every address with it."""
    texts = {"text", "words", "explanation", "other_sentence"}
    for route in every_route(world.forum):
        states = ["held"] if kinds_of(route).get("case_id") else []
        places = addresses(world, route)
        path = places[next(iter([*states, *places]))]
        roles = ["guest", "lotgenoot", "owner", "moderator", "administrator"]
        if "POST" in (route.methods or ()):
            fields = {name: MARKER for form in _forms(route) for name in form if name != "state"}
            for role in roles:
                taken = form_for(world, route.name, "held")
                yield ask.post(role, path, fields)
                for name in fields:
                    if name in taken or name in texts:
                        yield ask.post(role, path, {**taken, name: f"{MARKER} {taken.get(name, '')}"})
                        break
        else:
            query = "&".join(
                f"{name}=%27%22%3E%3Cx-canary%3E" for name in ("next", "said", "name", "show", "board", "x")
            )
            for role in roles[:1] if route.path.startswith("/sign") else roles[2:]:
                yield ask.get(role, f"{path}?{query}")
    for path in ("/threads/%27%22%3E%3Cx-canary%3E", "/%27%22%3E%3Cx-canary%3E", "/boards/'\"><x-canary>/write"):
        yield from (ask.get(role, path) for role in ROLES)
    long = {"text": f"{MARKER} {'x' * 10_001}", "title": f"{MARKER} {'t' * 121}"}
    for step in ("place", "preview"):
        for words in (
            long,
            {"text": f"Hallo {MARKER}", "title": MARKER},
            {"text": f"Neem 20 mg meer. {MARKER}", "title": MARKER},
        ):
            yield ask.post("lotgenoot", "/boards/dagelijks/write", {**words, "step": step})
            yield ask.post(
                "owner", f"/posts/{world.things['post', 'members_board']}/edit", {**words, "seen": "1", "step": step}
            )
            yield ask.post(
                "owner", f"/posts/{world.things['post', 'members_board']}/edit", {**words, "seen": "0", "step": step}
            )
    decision = form_for(world, "send_decision", "held")
    case = f"/moderation/cases/{world.things['case', 'held']}/decide"
    for press in ("preview", "decide"):
        form = {
            **decision,
            "action": "return",
            "rule": "2",
            "other_sentence": "Ik slaap slecht.",
            "explanation": MARKER,
        }
        yield ask.post("moderator", case, {**form, "press": press})
        yield ask.post("moderator", case, {**form, "press": press, "case_version": "0"})


def _forms(route: object) -> Iterable[Iterable[str]]:
    dependencies = route.dependant.dependencies  # type: ignore[attr-defined]
    return [one.call.reads_form.model_fields for one in dependencies if hasattr(one.call, "reads_form")]


def errors(world: World, ask: Asking, monkeypatch: pytest.MonkeyPatch) -> Iterable[Answer]:
    """Each error page that gives a text back: refused, gone, changed meanwhile, too often, our mistake, no database."""
    path = f"/threads/{world.things['thread', 'members_board']}/replies"
    words = {
        "text": f"Dit is mijn tekst. {MARKER}",
        "title": MARKER,
        "words": MARKER,
        "explanation": MARKER,
        "once": "a" * 20,
    }
    yield ask.ask("owner", "POST", path, {**words, "form_token": MARKER})
    yield ask.post("guest", path, words)
    yield ask.post("owner", "/threads/nothing/replies", words)
    with pytest.MonkeyPatch.context() as patch:
        from app.kit.errors import Conflict, TooMany

        for error in (
            TooMany(60),
            Conflict(MARKER),
            RuntimeError(MARKER),
            OperationalError(MARKER, {}, Exception(MARKER)),
        ):
            patch.setattr("app.posting.routes.submit_reply", _failing(error))
            answer = ask.post("lotgenoot", path, words)
            assert shows(answer.body), f"{answer.status}: the words are gone"
            yield answer
        patch.setattr("app.error_pages._page", lambda request, status, **what: _bare(request, status))
        yield ask.post("lotgenoot", path, words)
    yield ask.post("owner", path, {f"field{number}": MARKER for number in range(100)})
    yield ask.post("owner", path, {"text": MARKER * 30_000})


def _bare(request: object, status: int) -> object:
    from starlette.responses import HTMLResponse

    from app.error_pages import _bare_page

    return HTMLResponse(_bare_page(request), status)  # type: ignore[arg-type]


def _failing(error: Exception) -> Callable[..., None]:
    def fail(*rest: object) -> None:
        raise error

    return fail


def test_a_raw_sink_is_seen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: one template that trusts a title; and the checker on raw and on escaped words."""
    assert unescaped(f"<h1>{MARKER}</h1>") and unescaped(f'<input value="{MARKER}">')
    assert not unescaped(f"<h1>{html.escape(MARKER)}</h1>") and shows(f"<h1>{html.escape(MARKER)}</h1>")
    assert not unescaped(str(marked(MARKER, [(0, 3)])))
    world = make_world(settings)
    mark_everything(world)
    path = f"/threads/{world.things['thread', 'members_board']}"
    with asking(world) as ask:
        assert not unescaped(ask.get("lotgenoot", path).body) and shows(ask.get("lotgenoot", path).body)
        for environment in world.forum.state.pages._environments.values():
            environment.autoescape = False
            environment.cache.clear()
        assert unescaped(ask.get("lotgenoot", path).body)
    world.database.close()


def test_markup_is_made_in_one_place() -> None:
    """`|safe` and `Markup(...)` of anything but our own words stand in `kit/html.py` alone. The rules, with their
    controls, are in tests/test_architecture.py; here the sinks that are allowed are looked at."""
    root = TEMPLATES.parent
    made = {
        (str(file.relative_to(root)), line.strip())
        for file in (root / "app").rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"\bMarkup\(", line)
    }
    elsewhere = {(file, line) for file, line in made if Path(file) != Path("app/kit/html.py")}
    assert all(re.search(r"Markup\((\"[^\"]*\"|'[^']*')\)", line) for _, line in elsewhere), elsewhere
    safe = [str(file) for file in TEMPLATES.rglob("*.html") if re.search(r"\|\s*safe\b", file.read_text("utf-8"))]
    assert not safe
