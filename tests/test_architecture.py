"""The rules of the house (docs/house.md), read from the source itself.

Each rule is a test that says what to do instead. Each is first shown source with the fault planted in it, which it must
find, and source that looks alike but is fine, which it must let pass.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
Say = Callable[[str], None]
Fault = tuple[int, str]


@dataclass(frozen=True)
class Rule:
    """`faults` finds the lines that break the rule; `planted` and `fine` are its controls, by path."""

    name: str
    instead: str
    faults: Callable[[str, str], Iterator[Fault]]
    planted: tuple[tuple[str, str], ...]
    fine: tuple[tuple[str, str], ...]


def hold(rule: Rule, files: dict[str, str], say: Say) -> None:
    for path, source in rule.planted:
        assert list(rule.faults(path, source)), f"{rule.name}: blind for the fault planted in {path}: {source!r}"
    for path, source in rule.fine:
        assert not list(rule.faults(path, source)), f"{rule.name}: sees a fault in {path} where none is: {source!r}"
    assert files, f"{rule.name}: no file to read"
    found = [f"{path}:{line}: {what}" for path, source in files.items() for line, what in rule.faults(path, source)]
    say(f"{rule.name}: {len(found)} faults in {len(files)} files; control: {len(rule.planted)} planted, all found")
    assert not found, f"{rule.instead}\n" + "\n".join(found)


def python_files() -> dict[str, str]:
    return _read("app", "*.py")


def template_files() -> dict[str, str]:
    return _read("templates", "*.html")


def _read(folder: str, pattern: str) -> dict[str, str]:
    found = sorted((HERE / folder).rglob(pattern))
    return {one.relative_to(HERE).as_posix(): one.read_text(encoding="utf-8") for one in found}


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a source; each file is taken apart once, for all rules."""
    return tuple(ast.walk(ast.parse(source)))


# --- floors ----------------------------------------------------------------------------------------------------------


def floors() -> tuple[dict[str, int], set[str]]:
    """The table of docs/house.md: the floor of each folder, and the modules that no folder imports."""
    numbered: dict[str, int] = {}
    on_top: set[str] = set()
    for line in (HERE / "docs" / "house.md").read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| (\d+|–) \| ([^|]*) \|", line)
        if row and row[1] == "–":
            on_top |= set(re.findall(r"`(\w+)\.py`", row[2]))
        elif row:
            numbered |= dict.fromkeys(re.findall(r"`(\w+)/`", row[2]), int(row[1]))
    return numbered, on_top


FLOORS, ON_TOP = floors()


def imported(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Everything that a file imports, wherever it stands in it, by its whole name; `from a import b` gives `a.b`."""
    package = path.removesuffix(".py").split("/")[:-1]
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            for given in node.args:
                yield node.lineno, str(given.value) if isinstance(given, ast.Constant) else "app.?"


def called(node: ast.Call) -> str:
    """The last word of what is called: `commit` for `visit.db.commit()`."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def climbing(path: str, source: str) -> Iterator[Fault]:
    parts = path.split("/")
    if len(parts) == 2:  # app/main.py and the like stand on top of everything
        if parts[1].removesuffix(".py") not in {*ON_TOP, "__init__"}:
            yield 1, "a file beside the floors; put it in a folder"
        return
    if parts[1] not in FLOORS:
        yield 1, f"the folder {parts[1]}/ has no floor in docs/house.md"
        return
    for line, name in imported(path, source):
        above, _, rest = name.partition(".")
        folder = rest.partition(".")[0]
        if above != "app" or folder == parts[1]:
            continue
        if folder not in FLOORS or FLOORS[folder] >= FLOORS[parts[1]]:
            yield line, f"{parts[1]}/ imports {name}"


def test_imports_run_downward_only(say: Say) -> None:
    rule = Rule(
        "floors",
        "A file imports from its own folder and from floors below. Move what both need down, or let the higher folder"
        " call the lower one and hand it what it needs.",
        climbing,
        planted=(
            ("app/guard/assess.py", "from app.threads.tables import Post"),
            ("app/kit/forms.py", "from app.members import viewer"),
            ("app/threads/reading.py", "def read():\n    import app.posting.write"),
            ("app/threads/reading.py", "from ..moderation.queue import open_case"),
            ("app/boards/listing.py", "from app.house.reading import rules"),
            ("app/threads/reading.py", "import importlib\nimportlib.import_module('app.posting.write')"),
            ("app/threads/reading.py", "from app.main import build"),
            ("app/threads/reading.py", "from app import tables"),
            ("app/meetups/tables.py", ""),
            ("app/helpers.py", ""),
        ),
        fine=(
            ("app/threads/reading.py", "from app.threads.tables import Post\nfrom app.kit.db import Base"),
            ("app/threads/reading.py", "from .visibility import readable_by\nfrom ..members.viewer import Viewer"),
            ("app/posting/write.py", "from app.guard.assess import assess"),
            ("app/main.py", "from app.posting.routes import router"),
        ),
    )
    assert {"main", "cli"} <= ON_TOP and FLOORS["kit"] == 0 and len(FLOORS) >= 9, "docs/house.md lost its table"
    files = python_files()
    say(f"floors: {sum(len(list(imported(*one))) for one in files.items())} imports followed, {len(FLOORS)} folders")
    hold(rule, files, say)


def knowing_the_web(path: str, source: str) -> Iterator[Fault]:
    may = ("app/kit/", "app/members/signin.py", "app/members/viewer.py")
    if path.startswith(may) or path.endswith("routes.py") or path.count("/") == 1:
        return
    for line, name in imported(path, source):
        if name.split(".")[0] in {"fastapi", "starlette", "uvicorn"}:
            yield line, f"imports {name}"


def test_only_the_routes_know_the_web(say: Say) -> None:
    rule = Rule(
        "web",
        "Only kit/, members/signin.py, members/viewer.py and the routes.py files know the web. Hand a verb the values"
        " it needs; let it raise a refusal of kit/errors.py.",
        knowing_the_web,
        planted=(
            ("app/threads/lock.py", "from fastapi import Request"),
            ("app/posting/forms.py", "from starlette.requests import Request"),
            ("app/threads/access.py", "import fastapi.responses"),
        ),
        fine=(
            ("app/threads/routes.py", "from fastapi import APIRouter"),
            ("app/members/signin.py", "from starlette.responses import Response"),
            ("app/threads/lock.py", "from app.kit.errors import Forbidden"),
        ),
    )
    hold(rule, python_files(), say)


def impure(path: str, source: str) -> Iterator[Fault]:
    if not path.startswith("app/guard/"):
        return
    worldly = {"sqlalchemy", "fastapi", "starlette", "socket", "urllib", "subprocess", "time", "random", "os"}
    for line, name in imported(path, source):
        if name.split(".")[0] in worldly or name.startswith(("app.kit.db", "app.kit.clock", "app.kit.settings")):
            yield line, f"imports {name}"


def test_the_guard_is_pure(say: Say) -> None:
    rule = Rule(
        "pure guard",
        "The guard judges a text and nothing else: no database, no web, no clock. Hand it what it must know.",
        impure,
        planted=(
            ("app/guard/assess.py", "from sqlalchemy import select"),
            ("app/guard/assess.py", "from app.kit.db import Database"),
            ("app/guard/assess.py", "from time import time"),
        ),
        fine=(
            ("app/guard/assess.py", "import re\nfrom app.kit.texts import standing"),
            ("app/threads/reading.py", "from sqlalchemy import select"),
        ),
    )
    hold(rule, {path: source for path, source in python_files().items() if path.startswith("app/guard/")}, say)


# --- one place for each danger ---------------------------------------------------------------------------------------


def making_markup_safe(path: str, source: str) -> Iterator[Fault]:
    if path == "app/kit/html.py":
        return
    for node in nodes(source):
        if isinstance(node, ast.ImportFrom):
            hidden = [one.asname for one in node.names if one.name == "Markup" and one.asname]
            yield from ((node.lineno, f"Markup by another name, {name}") for name in hidden)
        elif isinstance(node, ast.FunctionDef) and node.name == "__html__":
            yield node.lineno, "says of itself that it is safe (__html__)"
        elif isinstance(node, ast.ClassDef) and any("Markup" in ast.unparse(one) for one in node.bases):
            yield node.lineno, "a child of Markup"
        elif isinstance(node, ast.Call):
            # Markup of a literal is fine: what `.format()` puts into it is escaped.
            if called(node) == "Markup" and not all(isinstance(one, ast.Constant) for one in node.args):
                yield node.lineno, "Markup() of something that is no literal"
            for given in node.keywords:
                value = given.value.value if isinstance(given.value, ast.Constant) else None
                if given.arg == "autoescape" and value is not True:
                    yield node.lineno, "autoescape is not plainly True"


def test_only_html_makes_markup_safe(say: Say) -> None:
    rule = Rule(
        "markup in code",
        "Only app/kit/html.py makes markup safe. Let it clean the text, or let the template escape it.",
        making_markup_safe,
        planted=(
            ("app/threads/reading.py", "from markupsafe import Markup\nMarkup(post.text)"),
            ("app/threads/reading.py", "import markupsafe\nmarkupsafe.Markup(f'<p>{text}</p>')"),
            ("app/threads/reading.py", "Markup('<p>' + text + '</p>')"),
            ("app/threads/reading.py", "from markupsafe import Markup as M"),
            ("app/kit/pages.py", "Environment(autoescape=False)"),
            ("app/kit/pages.py", "Environment(autoescape=select_autoescape())"),
            ("app/kit/cups.py", "class Cup:\n    def __html__(self):\n        return self.svg"),
        ),
        fine=(
            ("app/kit/html.py", "Markup(clean(text))"),
            ("app/kit/pages.py", "Markup('<input value=\"{}\">').format(token)\nEnvironment(autoescape=True)"),
        ),
    )
    hold(rule, python_files(), say)


def unescaped(path: str, source: str) -> Iterator[Fault]:
    for number, line in enumerate(source.splitlines(), 1):
        for found in re.findall(r"\|\s*safe\b|\bfilter\s+safe\b|\bautoescape\b|\bMarkup\b|__html__", line):
            yield number, found


def test_templates_escape_everything(say: Say) -> None:
    rule = Rule(
        "markup in templates",
        "A template never switches escaping off. Text that may hold markup comes cleaned from app/kit/html.py.",
        unescaped,
        planted=(
            ("templates/a.html", "{{ post.text|safe }}"),
            ("templates/a.html", "{{ post.text | safe }}"),
            ("templates/a.html", "{% filter safe %}{{ text }}{% endfilter %}"),
            ("templates/a.html", "{% autoescape false %}"),
        ),
        fine=(("templates/a.html", "{{ post.html }} <p>Your words are safe here | safely</p>"),),
    )
    hold(rule, template_files(), say)


def deciding_a_transaction(path: str, source: str) -> Iterator[Fault]:
    if path == "app/kit/db.py":
        return
    for node in nodes(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"commit", "rollback"}:
                yield node.lineno, f"calls {node.func.attr}()"
            if node.func.attr == "begin" and path != "app/kit/migrate.py":
                yield node.lineno, "begins a transaction of its own"
        elif isinstance(node, ast.Constant) and node.value in {"AUTOCOMMIT", "COMMIT", "ROLLBACK"}:
            yield node.lineno, f"says {node.value}"


def test_only_db_commits(say: Say) -> None:
    rule = Rule(
        "transactions",
        "A request is one transaction, and only app/kit/db.py commits it or undoes it. Raise a refusal to undo; use"
        " db.flush() when you need an id.",
        deciding_a_transaction,
        planted=(
            ("app/posting/write.py", "def write(db):\n    db.commit()"),
            ("app/posting/write.py", "visit.db.rollback()"),
            ("app/members/register.py", "with database.engine.begin() as connection: ..."),
            ("app/members/register.py", "engine.execution_options(isolation_level='AUTOCOMMIT')"),
        ),
        fine=(("app/kit/db.py", "session.commit()"), ("app/posting/write.py", "db.flush()\ncommit = 1")),
    )
    hold(rule, python_files(), say)


def making_a_post(path: str, source: str) -> Iterator[Fault]:
    if path == "app/posting/write.py":
        return
    for node in nodes(source):
        if isinstance(node, ast.ImportFrom) and any(one.name == "Post" and one.asname for one in node.names):
            yield node.lineno, "imports Post under another name"
        elif isinstance(node, ast.Call):
            if called(node) == "Post":
                yield node.lineno, "makes a Post"
            elif called(node) in {"insert", "bulk_insert_mappings", "bulk_save_objects"} and any(
                re.match(r"(\w+\.)*Post\b", ast.unparse(one)) for one in node.args
            ):
                yield node.lineno, "inserts a Post"


def test_only_write_makes_a_post(say: Say) -> None:
    rule = Rule(
        "posts",
        "Only app/posting/write.py makes a post, for there the guard reads it first. Call its verbs.",
        making_a_post,
        planted=(
            ("app/example/seed.py", "db.add(Post(text='x'))"),
            ("app/example/seed.py", "tables.Post(text='x')"),
            ("app/threads/move.py", "db.execute(insert(Post).values(text='x'))"),
            ("app/threads/move.py", "from app.threads.tables import Post as Row"),
        ),
        fine=(
            ("app/posting/write.py", "Post(text='x')"),
            ("app/threads/reading.py", "select(Post.id).where(Post.id == 1)\nShownPost(1)\ninsert(PostRevision)"),
        ),
    )
    hold(rule, python_files(), say)


def running_text(path: str, source: str) -> Iterator[Fault]:
    for line, name in imported(path, source):
        if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill", "cloudpickle"}:
            yield line, f"imports {name}"
    for node in nodes(source):
        if not isinstance(node, ast.Call):
            continue
        if called(node) in {"from_string", "render_template_string"}:
            yield node.lineno, "makes a template of a text"
        if isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec", "compile", "__import__"}:
            yield node.lineno, f"calls {node.func.id}()"
        if ast.unparse(node.func) in {"os.system", "os.popen"} or any(one.arg == "shell" for one in node.keywords):
            yield node.lineno, "calls a shell"


def test_no_text_is_run(say: Say) -> None:
    rule = Rule(
        "running text",
        "Text is never run: no eval, no template from a string, no pickle, no shell. Write a function, a template"
        " file, JSON, or a list of arguments.",
        running_text,
        planted=(
            ("app/kit/pages.py", "environment.from_string(text)"),
            ("app/kit/pages.py", "eval('1')"),
            ("app/kit/pages.py", "import pickle"),
            ("app/kit/pages.py", "from pickle import loads"),
            ("app/kit/pages.py", "subprocess.run(text, shell=True)"),
            ("app/kit/pages.py", "os.system(text)"),
        ),
        fine=(("app/kit/pages.py", "environment.get_template('a.html')\nre.compile('a')\njson.loads(text)"),),
    )
    hold(rule, python_files(), say)


def gluing_sql(path: str, source: str) -> Iterator[Fault]:
    words = {"text", "literal_column", "DDL"}
    ours = {
        one.asname or one.name
        for node in nodes(source)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for one in node.names
        if one.name in words
    }
    for node in nodes(source):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        whole = ast.unparse(node.func)
        is_sql = whole in ours or whole in {f"{short}.{word}" for short in ("sa", "sqlalchemy") for word in words}
        is_sql |= called(node) == "exec_driver_sql" and path != "app/kit/db.py"  # PRAGMAs, of our own constants
        first = node.args[0]
        glued = any(isinstance(one, ast.FormattedValue | ast.BinOp) for one in ast.walk(first))
        glued |= isinstance(first, ast.Call) and called(first) in {"format", "join", "replace"}
        if is_sql and glued:
            yield node.lineno, f"{whole}() of a text that is put together"


def test_sql_is_never_put_together(say: Say) -> None:
    rule = Rule(
        "SQL",
        "SQL is never put together from pieces. Use select(...), or text('… :name').bindparams(name=…).",
        gluing_sql,
        planted=(
            ("app/threads/search.py", "from sqlalchemy import text\ntext(f'SELECT {words}')"),
            ("app/threads/search.py", "from sqlalchemy import text as sql\nsql('SELECT %s' % words)"),
            ("app/threads/search.py", "from sqlalchemy import text\ntext('SELECT ' + words)"),
            ("app/threads/search.py", "import sqlalchemy as sa\nsa.text('SELECT {}'.format(words))"),
            ("app/threads/search.py", "connection.exec_driver_sql(f'SELECT {words}')"),
        ),
        fine=(
            ("app/threads/search.py", "from sqlalchemy import text\ntext('SELECT :words').bindparams(words=words)"),
            ("app/kit/texts.py", "text(f'brief.{name}')"),
        ),
    )
    hold(rule, python_files(), say)


def asking_the_clock(path: str, source: str) -> Iterator[Fault]:
    if path == "app/kit/clock.py":
        return
    for node in nodes(source):
        if isinstance(node, ast.Call):
            whole = ast.unparse(node.func)
            if re.search(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$", whole):
                yield node.lineno, f"calls {whole}()"


def test_only_the_clock_is_asked_for_the_time(say: Say) -> None:
    rule = Rule(
        "clock",
        "Only app/kit/clock.py asks the clock. Take `now` as an argument; a route has visit.now.",
        asking_the_clock,
        planted=(
            ("app/posting/write.py", "datetime.now(UTC)"),
            ("app/posting/write.py", "datetime.datetime.utcnow()"),
            ("app/posting/write.py", "date.today()"),
            ("app/posting/write.py", "time.time()"),
        ),
        fine=(
            ("app/kit/clock.py", "datetime.now(UTC)"),
            ("app/posting/write.py", "now + timedelta(days=1)\nclock.now()\ntime.monotonic()\nlock.time(1)"),
        ),
    )
    hold(rule, python_files(), say)
