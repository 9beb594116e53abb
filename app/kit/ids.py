"""Ids for addresses and secrets for links: random, so they neither count nor can be guessed (promises P16, D12)."""

from base64 import b32encode
from hashlib import sha256
from re import compile as pattern
from secrets import token_bytes, token_urlsafe

ID_LENGTH = 20  # characters of base32: 100 random bits
_SHAPE = pattern(rf"[a-z2-7]{{{ID_LENGTH}}}")


def new_id() -> str:
    """A fresh public id: 20 lower-case base32 characters."""
    return b32encode(token_bytes(13)).decode("ascii").lower()[:ID_LENGTH]


def looks_like_id(text: str) -> bool:
    """Whether a text has the shape of a public id; saves the database the nonsense."""
    return _SHAPE.fullmatch(text) is not None


def new_secret() -> str:
    """A fresh 256-bit secret for a cookie or a link; only its hash is kept."""
    return token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hexadecimal. Fast is fine, for the secret has 256 random bits."""
    return sha256(secret.encode("utf-8")).hexdigest()
