"""The command line, `cafe`: each command a thin call of a verb. `cafe --help` lists them.

What only one command needs is imported there: loading the guard takes a second or more, and most commands do without.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import Database
from app.kit.errors import Refusal
from app.kit.limits import forget_old
from app.kit.mail import forget_mail
from app.kit.migrate import migrate
from app.kit.settings import Settings
from app.members.by_hand import grant, make_member, revoke
from app.members.clean_up import clean_up
from app.members.tables import Relation, Role
from app.tables import all_tables

assert all_tables  # a role points at a board: a command that writes one must know both tables

DEV_MAIL = "/dev/mail"
RELOADED = ["*.py", "*.html", "*.po", "*.toml", "*.md", "*.txt"]


def serving() -> object:
    """The app for a server process; its settings come from the environment."""
    from app.main import build

    return build(Settings())


def main(arguments: list[str] | None = None) -> int:
    """Run one command; answers the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except Refusal as refusal:
        print(refusal.reason or "Not found.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cafe", description="The café: an online forum for people with a rare disease."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="serve the forum")
    serve.add_argument("--port", type=int, help="port to listen on")
    serve.add_argument("--workers", type=int, help="number of server processes")
    serve.add_argument("--reload", action="store_true", help="start again when a file changes")
    serve.set_defaults(run=_serve)

    commands.add_parser("migrate", help="bring the database up to date").set_defaults(run=_migrate)
    commands.add_parser("seed", help="write the example café, once").set_defaults(run=_seed)
    commands.add_parser("tidy", help="drop what is past its time; run it daily").set_defaults(run=_tidy)

    member = commands.add_parser("member", help="members and their roles").add_subparsers(required=True, metavar="what")
    add = member.add_parser("add", help="make a confirmed member, for the first administrator")
    add.add_argument("email")
    add.add_argument("pseudonym")
    add.add_argument("--relation", default=Relation.LOTGENOOT.value, choices=[one.value for one in Relation])
    add.set_defaults(run=_add_member)
    for name, words in (("grant", "give a member a role"), ("revoke", "take a role back")):
        command = member.add_parser(name, help=words)
        command.add_argument("pseudonym")
        command.add_argument("role", choices=[role.value for role in Role])
        command.add_argument("--board", default="", help="slug of one board; without it, all")
        command.set_defaults(run=_grant if name == "grant" else _revoke)

    guard = commands.add_parser("guard", help="ask the guard").add_subparsers(required=True, metavar="what")
    judge = guard.add_parser("judge", help="read lines of posts (JSON), write lines of verdicts")
    judge.set_defaults(run=_judge)
    explain = guard.add_parser("explain", help="say what the guard makes of a text")
    explain.add_argument("text", nargs="+")
    explain.add_argument("--language", default="nl", choices=["nl", "en"])
    explain.set_defaults(run=_explain)
    return parser


@contextmanager
def _writing() -> Iterator[tuple[Session, Settings]]:
    settings = Settings()
    database = Database(settings.database_url, settings)
    try:
        with database.writing() as db:
            yield db, settings
    finally:
        database.close()


def _serve(options: argparse.Namespace) -> None:
    settings = Settings()
    port = options.port or settings.port
    if settings.is_local and options.port and "CAFE_BASE_URL" not in os.environ:
        os.environ["CAFE_BASE_URL"] = f"http://127.0.0.1:{port}"
        settings = Settings()
    _greet(settings)
    uvicorn.run(
        "app.cli:serving",
        factory=True,
        host=settings.host,
        port=port,
        workers=None if options.reload else options.workers or settings.workers,
        reload=options.reload,
        reload_includes=RELOADED if options.reload else None,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=20,
    )


def _greet(settings: Settings) -> None:
    """Say where the forum is, and in the example café who can sign in."""
    print(f"\n{settings.name}: {settings.base_url}\n", flush=True)
    if settings.development:
        from app.example.accounts import accounts_in_words

        print(accounts_in_words())
        print(f"\nMail that would be sent: {settings.base_url}{DEV_MAIL}\n", flush=True)


def _migrate(options: argparse.Namespace) -> None:
    database = Database(Settings().database_url)
    migrate(database)
    database.close()


def _seed(options: argparse.Namespace) -> None:
    from app.example.seed import seed

    with _writing() as (db, settings):
        print(seed(db, settings, clock.now()))


def _tidy(options: argparse.Namespace) -> None:
    from app.posting.once import forget_submissions

    with _writing() as (db, _):
        now = clock.now()
        for tidy in (forget_old, forget_mail, clean_up, forget_submissions):
            tidy(db, now)


def _add_member(options: argparse.Namespace) -> None:
    with _writing() as (db, settings):
        make_member(db, settings, options.pseudonym, options.email, Relation(options.relation), clock.now())
    print(f"{options.pseudonym} is a member now, and signs in with a link by mail.")


def _grant(options: argparse.Namespace) -> None:
    with _writing() as (db, _):
        grant(db, options.pseudonym, Role(options.role), options.board, clock.now())
    print(f"{options.pseudonym} is {options.role} now.")


def _revoke(options: argparse.Namespace) -> None:
    with _writing() as (db, _):
        revoke(db, options.pseudonym, Role(options.role), options.board)
    print(f"{options.pseudonym} is no longer {options.role}.")


def _judge(options: argparse.Namespace) -> None:
    from app.guard.judge import judge_stream

    judge_stream(sys.stdin, sys.stdout.write)


def _explain(options: argparse.Namespace) -> None:
    from app.guard.judge import explain

    print(explain(" ".join(options.text), options.language))


if __name__ == "__main__":
    sys.exit(main())
