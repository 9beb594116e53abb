"""How often something may be done: counted per window and per whom, in the database, without keeping who it was."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.kit.db import Database
from app.kit.errors import TooMany
from app.kit.limits import Counter, Limit, forget_old, hit, network_of
from app.kit.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
THREE = Limit("test", 3, timedelta(minutes=10))


def times(database: Database, limit: Limit, whom: object, now: datetime, tries: int) -> int:
    """How many of so many tries are let through, each in a transaction of its own."""
    passed = 0
    for _ in range(tries):
        try:
            with database.writing() as db:
                hit(db, limit, whom, now)
        except TooMany:
            continue
        passed += 1
    return passed


def test_so_many_in_a_window_and_no_more(database: Database) -> None:
    assert times(database, THREE, "anna", NOON, 10) == 3
    assert times(database, THREE, "anna", NOON + timedelta(minutes=9, seconds=59), 10) == 0
    assert times(database, THREE, "anna", NOON + timedelta(minutes=10), 10) == 3, "the next window begins anew"


def test_each_member_and_each_limit_counts_apart(database: Database) -> None:
    other = Limit("another", 3, THREE.per)
    assert times(database, THREE, "anna", NOON, 5) == 3
    assert times(database, THREE, "bram", NOON, 5) == 3
    assert times(database, other, "anna", NOON, 5) == 3
    assert times(database, THREE, 1, NOON, 5) == times(database, THREE, 2, NOON, 5) == 3


def test_who_waits_is_told_how_long(database: Database) -> None:
    for late in (0, 1, 59, 300, 599):
        now = NOON + timedelta(hours=late, seconds=late)
        assert times(database, THREE, "anna", now, 3) == 3
        with pytest.raises(TooMany) as refused, database.writing() as db:
            hit(db, THREE, "anna", now)
        assert refused.value.seconds == 601 - late
        assert times(database, THREE, "anna", now + timedelta(seconds=refused.value.seconds), 1) == 1


def test_a_refused_one_counts_for_nothing(database: Database) -> None:
    """It is undone with its transaction, so that trying on does not lengthen the wait."""
    assert times(database, THREE, "anna", NOON, 100) == 3
    with database.reading() as db:
        assert db.scalar(select(Counter.count)) == 3


def test_counting_survives_a_restart(database: Database) -> None:
    assert times(database, THREE, "anna", NOON, 2) == 2
    again = Database(database.url.render_as_string(hide_password=False))
    try:
        assert times(again, THREE, "anna", NOON, 5) == 1
    finally:
        again.close()


def test_a_factor_is_for_trials(database: Database, settings: Settings) -> None:
    trial = Database(settings.database_url, settings.model_copy(update={"limits_factor": 5}))
    try:
        assert times(trial, THREE, "anna", NOON, 20) == 15
    finally:
        trial.close()
    assert times(database, THREE, "anna", NOON, 5) == 0, "the same counter, for whoever has no factor"


def test_no_name_and_no_address_is_kept(database: Database) -> None:
    times(database, THREE, "anna@voorbeeld.example 203.0.113.7", NOON, 1)
    with database.reading() as db:
        kept = db.scalars(select(Counter)).one()
    assert len(kept.key) == 64 and "anna" not in kept.key


def test_windows_that_are_over_are_forgotten(database: Database) -> None:
    times(database, THREE, "anna", NOON, 1)
    times(database, THREE, "anna", NOON + timedelta(minutes=10), 1)
    with database.writing() as db:
        forget_old(db, NOON + timedelta(minutes=10, seconds=1))
    with database.reading() as db:
        assert [one.window_ends_at for one in db.scalars(select(Counter))] == [NOON + timedelta(minutes=20)]


def test_windows_are_the_same_on_the_night_the_clock_goes_back(database: Database) -> None:
    night = datetime(2026, 10, 25, 0, 55, tzinfo=UTC)
    assert times(database, THREE, "anna", night, 5) == 3
    assert times(database, THREE, "anna", night + timedelta(hours=1), 5) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.1", "203.0.113.0/24"),
        ("2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::/56"),
        ("2001:db8:1:200::1", "2001:db8:1:200::/56"),
        ("::1", "::/56"),
        ("testclient", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        ("203.0.113.7, 198.51.100.1", "unknown"),
        ("999.1.1.1", "unknown"),
    ],
)
def test_of_an_address_only_the_network_is_kept(address: str | None, network: str) -> None:
    assert network_of(address) == network
