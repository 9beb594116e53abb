"""The commands that a webmaster types first, as a process of their own: nothing but the command loads the tables."""

from pathlib import Path

from tests.servers import cafe


def test_the_first_administrator_is_made_by_hand(database_url: str, tmp_path: Path) -> None:
    settings = {"CAFE_DATABASE_URL": database_url}
    cafe("member", "add", "beheer@voorbeeld.example", "Wilgenkat", settings=settings, folder=tmp_path)
    cafe("member", "grant", "Wilgenkat", "administrator", settings=settings, folder=tmp_path)
    cafe("member", "grant", "Wilgenkat", "moderator", settings=settings, folder=tmp_path)
    cafe("member", "revoke", "Wilgenkat", "moderator", settings=settings, folder=tmp_path)
    cafe("tidy", settings=settings, folder=tmp_path)
