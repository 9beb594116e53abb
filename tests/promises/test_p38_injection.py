"""P38: no text that somebody sends becomes SQL, a template or a command."""

import re
from collections.abc import Callable
from itertools import chain, islice
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import Response
from fastapi.routing import APIRoute
from jinja2 import Environment
from sqlalchemy import text

from app.kit.ids import new_id
from app.kit.permission import open_to
from app.members.viewer import EVERYONE, Visit
from tests.promises.test_p64_ground import Ground, changed, the_ground  # noqa: F401

Say = Callable[[str], None]

# 1337 * 7331, and what else shows that a text was run.
PRODUCT = str(1337 * 7331)
RUN = (
    PRODUCT, "uid=0(root)", "root:x:0:0", "<class 'str'>", "<Config ", "CREATE TABLE", "pg_catalog", "syntax error",
    "psycopg.", "sqlite3.", "OperationalError", "ProgrammingError", "Traceback",
)  # fmt: skip

_QUOTES = ("", "'", '"', "')", "'))", '")', "`", "\\'", "%27", "’", "ʼ")
_SQL_ENDS = (
    " OR 1=1 --", " OR '1'='1", " AND 1=2 UNION SELECT NULL --", "; DROP TABLE members; --",
    " UNION SELECT name, sql FROM sqlite_master --", "; UPDATE members SET relation='parent'; --",
    "; INSERT INTO role_grants (member_id, role) VALUES (1, 'administrator'); --",
)  # fmt: skip
_SQL = (
    "1; SELECT pg_sleep(30) --", "'||(SELECT pg_sleep(30))||'", "1 AND 1=randomblob(900000000)",
    "'; ATTACH DATABASE '/tmp/x' AS x; --", "'; COPY (SELECT '') TO PROGRAM 'id'; --", "1 OR 1=load_extension('x')",
    "'; VACUUM; --", "' ORDER BY 1000 --", "1 GROUP BY 1 HAVING 1=1", "(SELECT CASE WHEN 1=1 THEN 1/0 ELSE 1 END)",
    "'/**/OR/**/1=1#", "admin'--", "' LIKE '%", "%' OR '%'='", "_%", "%", "\\", "\\%", "';", "' RETURNING * --",
    "/*!50000 OR 1=1 */", "0x27", "CHAR(39)", "1e0", "$$x$$", "$1", "?", ":id", ":", "::text", "@@version",
    "'||1/0||'", "\x00' OR 1=1", "ā̂' OR 1=1 --", "\uff07 OR 1=1 --", "' OR ''='", "x' AND email IS NULL; --",
    "' OR skeleton LIKE '%a%", "NULL", "(SELECT 1)",
)  # fmt: skip
_TEMPLATES = (
    "{{1337*7331}}", "{{ 1337*7331 }}", "{%print(1337*7331)%}", "{% if 1337*7331 %}x{% endif %}", "${1337*7331}",
    "#{1337*7331}", "<%= 1337*7331 %>", "{{7*'7'}}", "{{config}}", "{{ cafe.secret_key }}",
    "{{ self.__init__.__globals__ }}", "{{ ''.__class__.__mro__ }}", "{{request.app.state}}",
    "{% include '/etc/passwd' %}", "{{ lipsum.__globals__['os'].popen('id').read() }}", "{#", "{{", "}}", "{%", "%}",
    "{{ '' }}", "[[1337*7331]]", "*{1337*7331}", "@(1337*7331)", "{{=1337*7331}}", "{php}echo 1337*7331;{/php}",
    "%{1337*7331}", "~{1337*7331}", "{{ standing('x') }}",
)  # fmt: skip
_FORMATS = (
    "%s", "%d", "%n%n%n", "%(x)s", "%(num)s", "%1000000d", "{}", "{0}", "{x}", "{0.__class__}", "{schuilnaam}",
    "{link}", "{vereniging}", "{self.__class__}", "{:>1000000000}", "\\g<0>", "\\1", "$0", "${x}", "%%", "{{}}",
)  # fmt: skip
_COMMANDS = (
    "; id", "| id", "|| id", "& id", "&& id", "`id`", "$(id)", "\n id", "'; id; '", "| cat /etc/passwd", "; sleep 30",
    "../../../../etc/passwd", "file:///etc/passwd", "__import__('os').system('id')", "eval(1337*7331)",
    "!!python/object:os.system", "cos\nsystem\n(S'id'\ntR.", "<!--#exec cmd='id'-->", "<?php echo 1337*7331; ?>",
    "*)(uid=*))(|(uid=*", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "' or count(/*)=1 or '",
)  # fmt: skip
STRINGS = tuple(
    dict.fromkeys(chain((quote + end for quote in _QUOTES for end in _SQL_ENDS), _SQL, _TEMPLATES, _FORMATS, _COMMANDS))
)
EACH = 3  # strings in each parameter and field; together every string is sent many times

# Fields that a database or a page really meets: these get every string.
SINKS = (
    ("send_reply", "text"), ("send_opening", "title"), ("send_new_section", "description"),
)  # fmt: skip
QUERIES = {"show_members_page": "name", "show_board": "older_than"}


def own(string: str) -> str:
    """As part of a value that can be kept: unlike any other, or a form that was sent before says so."""
    return string.replace("\0", "")


class Checker:
    """Sends a string, and looks whether it was run."""

    def __init__(self) -> None:
        self.sent, self.faults = 0, list[str]()

    def __call__(self, where: str, string: str, answer: Any) -> None:
        self.sent += 1
        found = [sign for sign in RUN if sign in answer.text and sign not in string]
        if answer.status_code >= 500 or found:
            self.faults.append(f"{where} {string!r}: {answer.status_code} {found}")


def test_no_parameter_of_a_page_is_run(ground: Ground, say: Say) -> None:
    check, turn = Checker(), 0
    before = ground.rows()
    for route in ground.gets():
        who = ground.fresh(ground.person_for(route))
        address = ground.address(route)
        names = {*(parameter.alias for parameter in route.dependant.query_params), QUERIES.get(route.name, "")} - {""}
        for name in sorted(names):
            turn += 1
            some = STRINGS if QUERIES.get(route.name) == name else _turn(turn)
            for string in some:
                check(f"{route.path}?{name}=", string, who.get(f"{address}?{name}={quote(string)}"))
        for name in route.param_convertors:
            turn += 1
            for string in _turn(turn):
                path = _with(route, name, quote(string, safe=""))
                check(f"{route.path} {name}", string, who.get(path))
    assert not check.faults, "\n".join(check.faults)
    # The ground makes things to look at along the way, an account to confirm among them; but nobody gained a right.
    assert {"role_grants", "boards", "board_access", "sections", "consents"}.isdisjoint(changed(before, ground.rows()))
    say(f"P38: {check.sent} strings in the parameters of {len(ground.gets())} pages: 0 run, 0 errors")


def _turn(turn: int) -> list[str]:
    start = turn * EACH % len(STRINGS)
    return list(islice(chain(STRINGS[start:], STRINGS), EACH))


def _with(route: APIRoute, name: str, value: str) -> str:
    path = route.path.replace("{" + name + "}", value)
    for other in route.param_convertors:
        path = path.replace("{" + other + "}", "a" * 20)
    return path


def test_no_field_of_a_form_is_run(ground: Ground, say: Say) -> None:
    check, turn, fields = Checker(), 0, 0
    roles = ground.rows()["role_grants"]
    for route in ground.posts():
        address, filling = ground.address(route), ground.filling(route.name)
        for name in [*filling, *("next",) * (route.name == "send_sign_in")]:
            fields += 1
            turn += 1
            strings = STRINGS if (route.name, name) in SINKS else _turn(turn)
            before = ground.rows()
            answers = []
            for string in strings:
                who = ground.fresh(ground.person_for(route))  # a form that is taken may sign one in or out
                if "once" in filling:
                    filling["once"] = new_id()
                answers.append(who.post(address, {**filling, name: own(string)}))
                check(f"{route.path} {name}", string, answers[-1])
            if not any(answer.status_code in {200, 303} for answer in answers):
                assert set(changed(before, ground.rows())) <= {"counters", "member_sessions"}, (route.path, name)
        for name in route.param_convertors:
            turn += 1
            who = ground.fresh(ground.person_for(route))
            for string in _turn(turn):
                check(f"{route.path} {name}", string, who.post(_with(route, name, quote(string, safe="")), filling))
    assert not check.faults, "\n".join(check.faults)
    given = set(ground.rows()["role_grants"]) - set(roles)
    assert not [row for row in given if "administrator" in row or "moderator" in row], given
    say(f"P38: {check.sent} strings in {fields} fields of {len(ground.posts())} forms: 0 run, 0 errors")


def test_what_was_sent_is_kept_as_it_was(ground: Ground, say: Say) -> None:
    """Not run, and not mangled either: the words come back from the database as they went in."""
    bram, kept = ground.fresh(ground.cast.bram), 0
    for string in STRINGS[::4]:
        words = f"Zie hier: {own(string)} einde."
        if bram.reply(ground.thread, words, once=new_id()).status_code == 303:
            kept += words.replace("\r", "\n") in _texts(ground)
    assert kept > 20
    say(f"P38: {kept} strings that were placed stand in the database as they were typed")


def _texts(ground: Ground) -> list[str]:
    with ground.cast.database.reading() as db:
        return list(db.scalars(text("SELECT text FROM revisions ORDER BY id DESC LIMIT 1")))


@pytest.mark.filterwarnings("ignore")
def test_a_text_that_is_run_is_noticed(ground: Ground, say: Say) -> None:
    """Control: two careless routes, one that glues SQL and one that makes a template of what was sent."""

    @open_to(EVERYONE)
    def gluing(visit: Visit, name: str = "") -> Response:
        return Response(str(visit.db.execute(text(f"SELECT 1 FROM members WHERE pseudonym = '{name}'")).all()))

    @open_to(EVERYONE)
    def rendering(name: str = "") -> Response:
        return Response(Environment().from_string(name).render())

    ground.forum.add_api_route("/gluing", gluing)
    ground.forum.add_api_route("/rendering", rendering)
    guest, found = ground.fresh(None), {}
    for path in ("/gluing", "/rendering"):
        check = Checker()
        for string in STRINGS:
            if not re.search("sleep|randomblob|popen", string):  # these would really do it
                check(path, string, guest.get(f"{path}?name={quote(string)}"))
        found[path] = len(check.faults)
    assert found["/gluing"] > 20 and found["/rendering"] > 10, found
    assert len(STRINGS) >= 150
    say(f"P38 control: of {len(STRINGS)} strings {found['/gluing']} show in SQL, {found['/rendering']} as template")
