"""Passwords: hashed slowly with argon2id and a pepper, never written anywhere else (promises P32, P33, D13)."""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from secrets import choice
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kit.messages import N_

SHORTEST, LONGEST = 15, 256
PASSPHRASE_WORDS = 4

HASHER = PasswordHasher(memory_cost=47104, time_cost=2, parallelism=1, hash_len=32, salt_len=16)
# Each hash takes 46 MiB and a core; more at once would starve the readers.
_TWO_AT_ONCE = BoundedSemaphore(2)

TOO_SHORT = N_("This sentence is still rather short. Make it at least 15 characters long.")
TOO_LONG = N_("This sentence is longer than 256 characters. Make it a little shorter.")
TOO_KNOWN = N_("This sentence is on a list that people with bad plans know. Choose another one.")

_LEET = str.maketrans("0134578@$!", "oleastbasi")


def hash_password(secret: str, password: str) -> str:
    """What is kept of a password: the id of the pepper's key, and the argon2id hash. `secret` is the café's."""
    with _TWO_AT_ONCE:
        return f"{_key_id(secret)}:{HASHER.hash(_peppered(secret, password))}"


def fits(secret: str, kept: str | None, password: str) -> bool:
    """Whether this is the password. It takes as long for an account without one, or for no account at all."""
    key_id, _, known = (kept or "").partition(":")
    usable = key_id == _key_id(secret)
    try:
        with _TWO_AT_ONCE:
            HASHER.verify(known if usable else _nobodys_hash(), _peppered(secret, password))
    except (VerificationError, InvalidHashError):
        return False
    return usable


def is_dated(kept: str) -> bool:
    """Whether a kept hash was made with other costs than today's."""
    return HASHER.check_needs_rehash(kept.partition(":")[2])


def problem_with(password: str, *about: str) -> str | None:
    """Why this is no good password, as a message id; None when it is. `about`: what others may know (name, address)."""
    length = len(normalize("NFC", password))
    if length < SHORTEST:
        return TOO_SHORT
    if length > LONGEST:
        return TOO_LONG
    return TOO_KNOWN if _is_known(password, about) else None


def suggest() -> str:
    """Four ordinary Dutch words, drawn by lot."""
    while True:
        suggestion = " ".join(choice(_words()) for _ in range(PASSPHRASE_WORDS))
        if problem_with(suggestion) is None:
            return suggestion


def _peppered(secret: str, password: str) -> bytes:
    return b64encode(hmac.digest(_pepper(secret), normalize("NFC", password).encode(), "sha256"))


@lru_cache
def _pepper(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"password pepper", "sha256")


@lru_cache
def _key_id(secret: str) -> str:
    return hmac.digest(secret.encode(), b"password pepper id", "sha256").hex()[:8]


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(b"nobody")


def _is_known(password: str, about: tuple[str, ...]) -> bool:
    """Whether the password is mere repetition, or at most two well-known words with a few signs around them."""
    plain = _plain(password)
    if len(set(plain)) < 5 or _repeats(plain):
        return True
    own = {piece for text in about for piece in (text, *re.split(r"[@.]", text)) if len(_plain(piece)) > 3}
    return any(
        _is_covered(spelling(password), _known(spelling) | {spelling(piece) for piece in own})
        for spelling in (_plain, _read)
    )


def _repeats(plain: str) -> bool:
    """Whether it is the same thing over and over, perhaps with a few signs after it."""
    over_and_over = any(plain.startswith(plain[period:]) for period in range(1, len(plain) * 2 // 3 + 1))
    return over_and_over or re.fullmatch(r"(.{1,20})\1+.{0,7}", plain) is not None


def _is_covered(plain: str, words: frozenset[str]) -> bool:
    rest, used = plain, 0
    for word in sorted(words, key=len, reverse=True):
        if word in rest:
            rest = rest.replace(word, " ")
            used += 1
    return 1 <= used <= 2 and sum(sign.isalpha() for sign in rest) < 4


def _plain(text: str) -> str:
    """Small letters and digits only."""
    folded = normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if sign.isalnum() or sign in "@$!")


def _read(text: str) -> str:
    """The same, with digits read as the letters they stand for."""
    return _plain(text).translate(_LEET)


@cache
def _known(spelling: Callable[[str], str]) -> frozenset[str]:
    words = map(spelling, _lines("known_passwords.txt"))
    return frozenset(word for word in words if len(word) > 3)


@cache
def _words() -> tuple[str, ...]:
    return tuple(_lines("words.txt"))


def _lines(name: str) -> list[str]:
    text = (Path(__file__).parent / name).read_text("utf-8")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
