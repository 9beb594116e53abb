"""The settings: each is documented, what is unsafe is refused at the start, and a secret stays one."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.kit.settings import Settings
from app.kit.settings_page import settings_page

Say = Callable[[str], None]
DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PUBLIC: dict[str, Any] = {"base_url": "https://cafe.example", "secret_key": "x" * 32}


def made(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


def test_every_setting_is_documented(say: Say) -> None:
    fields = Settings.model_fields
    silent = [name for name, field in fields.items() if not (field.description or "").endswith(".")]
    assert not silent, f"a description in words, with a full stop: {silent}"
    page = (DOCS / "settings.md").read_text("utf-8")
    assert page == settings_page(), "python -m app.kit.settings_page > docs/settings.md"
    rows = [line for line in page.splitlines() if line.startswith("| `CAFE_")]
    assert len(rows) == len(fields)
    assert all(f"| `CAFE_{name.upper()}` |" in page for name in fields)
    say(f"settings: {len(rows)} of {len(fields)} stand in docs/settings.md")


def test_no_secret_stands_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAFE_SECRET_KEY", "canary" * 8)
    monkeypatch.setenv("CAFE_SMTP_PASSWORD", "canary" * 8)
    assert "canary" not in settings_page()
    loaded = Settings(_env_file=None)
    assert loaded.secret == "canary" * 8, "control: they were read"
    assert "canary" not in repr(loaded) + str(loaded) + loaded.model_dump_json()


UNSAFE: list[dict[str, Any]] = [
    {**PUBLIC, "base_url": "http://cafe.example"},
    {**PUBLIC, "base_url": "https://cafe.example/"},
    {**PUBLIC, "base_url": "https://cafe.example/forum"},
    {**PUBLIC, "base_url": "https://cafe.example?x"},
    {**PUBLIC, "base_url": "https://cafe.example#x"},
    {**PUBLIC, "base_url": "https://anna@cafe.example"},
    {**PUBLIC, "base_url": "https://Cafe.example"},
    {**PUBLIC, "base_url": "https://cafe.example:443"},
    {**PUBLIC, "base_url": "https://cafe.example:x"},
    {**PUBLIC, "base_url": " https://cafe.example"},
    {**PUBLIC, "base_url": "ftp://cafe.example"},
    {**PUBLIC, "base_url": "cafe.example"},
    {**PUBLIC, "base_url": "//cafe.example"},
    {**PUBLIC, "base_url": "https://"},
    {**PUBLIC, "base_url": ""},
    {**PUBLIC, "base_url": "http://127.0.0.1.evil.example"},
    {**PUBLIC, "base_url": "http://localhost.example"},
    {**PUBLIC, "base_url": "http://192.168.1.10:8000"},
    {**PUBLIC, "base_url": "http://[2001:db8::1]"},
    {**PUBLIC, "development": True},
    {**PUBLIC, "limits_factor": 2},
    {**PUBLIC, "limits_factor": 0},
    {**PUBLIC, "secret_key": ""},
    {**PUBLIC, "secret_key": "x" * 31},
    {**PUBLIC, "smtp_host": "mail.example", "smtp_security": "none"},
    {**PUBLIC, "smtp_host": "192.0.2.1", "smtp_security": "none"},
    {**PUBLIC, "smtp_security": "ssl"},
    {**PUBLIC, "workers": 2, "database_url": "sqlite:///:memory:"},
    {**PUBLIC, "workers": 0},
    {**PUBLIC, "port": 0},
    {**PUBLIC, "port": 65_536},
    {**PUBLIC, "page_size": 0},
    {**PUBLIC, "claim_minutes": 1},
    {**PUBLIC, "first_posts_read": -1},
    {"secret_key": "", "base_url": "https://cafe.example"},
]
SAFE: list[dict[str, Any]] = [
    {},
    PUBLIC,
    {**PUBLIC, "base_url": "https://cafe.example:8443"},
    {"base_url": "http://localhost:8000", "development": True, "limits_factor": 1000},
    {"base_url": "http://127.0.0.1"},
    {"base_url": "http://127.0.0.2:8000"},
    {"base_url": "http://[::1]:8000"},
    {**PUBLIC, "smtp_host": "127.0.0.1", "smtp_security": "none"},
    {**PUBLIC, "smtp_host": "mail.example", "smtp_security": "tls"},
    {**PUBLIC, "workers": 4, "database_url": "postgresql+psycopg://cafe@localhost/cafe"},
]


def test_what_is_unsafe_is_refused_at_the_start(say: Say) -> None:
    taken = []
    for given in UNSAFE:
        try:
            made(**given)
            taken.append(given)
        except ValidationError:
            continue
    assert not taken, taken
    for given in SAFE:
        made(**given)
    say(f"settings: {len(UNSAFE)} of {len(UNSAFE)} unsafe ones refused; control: {len(SAFE)} safe ones taken")


def test_the_reason_names_the_setting() -> None:
    for given, words in (
        ({**PUBLIC, "base_url": "http://cafe.example"}, "CAFE_BASE_URL must be https"),
        ({**PUBLIC, "development": True}, "CAFE_DEVELOPMENT"),
        ({**PUBLIC, "secret_key": "x"}, "CAFE_SECRET_KEY must have at least 32"),
        ({**PUBLIC, "smtp_host": "mail.example", "smtp_security": "none"}, "CAFE_SMTP_SECURITY"),
    ):
        with pytest.raises(ValidationError, match=words):
            made(**given)


@pytest.mark.parametrize(
    ("base_url", "is_local", "is_https", "hostname"),
    [
        ("https://cafe.example", False, True, "cafe.example"),
        ("http://127.0.0.1:8000", True, False, "127.0.0.1"),
        ("http://[::1]:8000", True, False, "::1"),
        ("http://localhost", True, False, "localhost"),
        ("https://localhost", True, True, "localhost"),
    ],
)
def test_what_follows_from_the_address(base_url: str, is_local: bool, is_https: bool, hostname: str) -> None:
    settings = made(**{**PUBLIC, "base_url": base_url})
    assert (settings.is_local, settings.is_https, settings.hostname) == (is_local, is_https, hostname)


def test_settings_come_from_the_environment_and_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAFE_NAME", "Uit de omgeving")
    file = tmp_path / ".env"
    file.write_text("CAFE_NAME=Uit het bestand\nCAFE_PORT=8123\nCAFE_NONSENSE=1\n", "utf-8")
    settings = Settings(_env_file=file)
    assert (settings.name, settings.port) == ("Uit de omgeving", 8123)
    with pytest.raises(ValidationError):
        settings.name = "Anders"  # type: ignore[misc]


def test_on_this_machine_a_secret_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    def ask(_: int) -> str:
        return made(var=tmp_path / "var").secret

    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(ask, range(8)))
    file = tmp_path / "var" / "secret.key"
    assert len(secrets) == 1 and secrets == {file.read_text("ascii").strip()}
    assert len(file.read_text("ascii").strip()) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["secret.key"]
    assert made(var=tmp_path / "another").secret not in secrets
    assert made(var=tmp_path / "var", secret_key="y" * 40).secret == "y" * 40, "a given one goes first"
