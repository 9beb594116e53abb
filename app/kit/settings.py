"""Everything that can be set, in one typed place: the environment (prefix `CAFE_`) or a file `.env`.

Each field's description is its documentation; `docs/settings.md` is made from it and a test holds the two together.
"""

from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SmtpSecurity = Literal["starttls", "tls", "none"]


class Settings(BaseSettings):
    """The settings of one café. Wrong or unsafe ones raise a `ValidationError` at start."""

    model_config = SettingsConfigDict(env_prefix="CAFE_", env_file=".env", extra="ignore", frozen=True)

    name: str = Field("Lotgenotencafé", description="Name of the café, on every page and in every letter.")
    association: str = Field("Vereniging Lotgenotencafé", description="Name of the association that is responsible.")
    association_address: str = Field("Postbus 1, Nederland", description="Postal address of the association.")
    association_phone: str = Field("het nummer op onze website", description="Telephone number of the association.")
    contact_mail: str = Field("contact@cafe.example", description="Where members and authorities write to.")
    privacy_mail: str = Field("privacy@cafe.example", description="Where questions about personal data go.")
    association_mail: str = Field("vereniging@cafe.example", description="Mail address of the association's office.")

    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address that visitors use, without a slash at the end. Links, cookies and the allowed host follow"
        " from it. Anything but this machine itself must be https.",
    )
    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port that the server listens on.")
    workers: int = Field(1, ge=1, le=64, description="Server processes. More than one wants PostgreSQL.")
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses of proxies whose X-Forwarded-For is believed, with commas between."
    )
    database_url: str = Field(
        "sqlite:///var/cafe.sqlite3",
        description="SQLite file or PostgreSQL, such as postgresql+psycopg://cafe:secret@localhost/cafe.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="At least 32 characters; signs forms and peppers passwords, so keep it with your backups. On this"
        " machine itself an empty one is made and kept in the var folder.",
    )
    var: Path = Field(Path("var"), description="Folder for the SQLite file, the secret and mail that is not sent.")
    development: bool = Field(
        False, description="Shows the mail that would be sent on /dev/mail. Refused on a public address."
    )

    smtp_host: str = Field("", description="Mail server. Empty: mail lands as files in the folder mail in var.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: SmtpSecurity = Field("starttls", description="starttls, tls or none (only for loopback).")
    smtp_user: str = Field("", description="Name to sign in at the mail server with; empty for none.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    mail_from: str = Field("cafe@cafe.example", description="Sender of all mail. Choose a neutral domain.")

    page_size: int = Field(20, ge=5, le=50, description="Posts on a page of a thread.")
    first_posts_read: int = Field(3, ge=0, le=20, description="So many first posts of a member wait for a moderator.")
    limits_factor: int = Field(
        1, ge=1, description="Multiplies every rate limit, for trials on this machine. Refused on a public address."
    )
    claim_minutes: int = Field(20, ge=5, le=120, description="Minutes that a moderator holds a case without a move.")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        parts = urlsplit(self.base_url)
        plain = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        if usual is None or parts.port == usual or self.base_url not in {plain, _in_brackets(plain, parts.hostname)}:
            # Browsers leave the usual port out and write small letters; the host they send must be this one.
            raise ValueError("CAFE_BASE_URL must look like https://cafe.example, without a slash at the end")
        if parts.scheme == "http" and not self.is_local:
            raise ValueError("CAFE_BASE_URL must be https unless it is this machine itself")
        if self.development and not self.is_local:
            raise ValueError("CAFE_DEVELOPMENT shows private mail: refused on a public address")
        if self.limits_factor > 1 and not self.is_local:
            raise ValueError("CAFE_LIMITS_FACTOR is for trials: refused on a public address")
        if not self.is_local and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("CAFE_SECRET_KEY must have at least 32 characters")
        if self.smtp_security == "none" and self.smtp_host and not _is_loopback(self.smtp_host):
            raise ValueError("CAFE_SMTP_SECURITY none would send mail readable for all: only to this machine itself")
        if self.workers > 1 and self.database_url.startswith("sqlite:///:memory:"):
            raise ValueError("several workers cannot share a database in memory")
        return self

    @property
    def hostname(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether the café is only served to this machine."""
        return _is_loopback(self.hostname)

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def secret(self) -> str:
        """The secret; on this machine itself one is made once and kept in `var/secret.key`, mode 600."""
        given = self.secret_key.get_secret_value()
        if given:
            return given
        return _kept_secret(self.var / "secret.key")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _in_brackets(address: str, host: str | None) -> str:
    """The same address as it is written when its host is an IPv6 address."""
    return address.replace(f"//{host}", f"//[{host}]", 1)


@lru_cache
def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{token_urlsafe(4)}")
        made.write_text(token_urlsafe(48), encoding="ascii")
        made.chmod(0o600)
        with suppress(FileExistsError):  # two workers that start at once: the first one wins
            path.hardlink_to(made)
        made.unlink()
    return path.read_text(encoding="ascii").strip()
