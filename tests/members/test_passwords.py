"""Passwords: long, not on a list, slow to guess (promises P32, P33)."""

import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from app.members import passwords

SECRET = "a secret of the café, long enough for this"
GOOD = "mijn kat slaapt op de verwarming"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("kort", passwords.TOO_SHORT),
        ("veertien tekens"[:14], passwords.TOO_SHORT),
        ("a" * 257, passwords.TOO_LONG),
        ("aaaaaaaaaaaaaaaaaaaa", passwords.TOO_KNOWN),
        ("abababababababababab", passwords.TOO_KNOWN),
        ("passwordpassword1", passwords.TOO_KNOWN),
        ("Wachtw00rdWachtw00rd", passwords.TOO_KNOWN),
        ("wachtwoord8475213!", passwords.TOO_KNOWN),
        ("qwertyuiopasdfghjkl", passwords.TOO_KNOWN),
        ("123456789012345678", passwords.TOO_KNOWN),
        ("Lotgenotencafe2026!", passwords.TOO_KNOWN),
        ("correct horse battery staple", passwords.TOO_KNOWN),
        ("marja61@voorbeeld.nl", passwords.TOO_KNOWN),
        ("Marja61 Marja61 Marja61", passwords.TOO_KNOWN),
        ("voorbeeld wachtwoord", passwords.TOO_KNOWN),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    assert passwords.problem_with(password, "marja61@voorbeeld.nl", "Marja61") == reason


@pytest.mark.parametrize(
    "password",
    [GOOD, "wolk fiets appel trein", "xxxQz7!pL0vT2kM", "ééé en nog twaalf tekens", "a b c d e f g h i j k l"],
)
def test_a_long_sentence_is_fine_whatever_stands_in_it(password: str) -> None:
    assert passwords.problem_with(password, "marja61@voorbeeld.nl", "Marja61") is None


@given(st.text(max_size=300))
def test_only_length_and_the_list_count(password: str) -> None:
    problem = passwords.problem_with(password)
    assert problem in {None, passwords.TOO_SHORT, passwords.TOO_LONG, passwords.TOO_KNOWN}


def test_every_known_word_is_refused_alone_and_in_pairs(say: Callable[[str], None]) -> None:
    words = passwords._lines("known_passwords.txt")
    tried = [word for word in words if len(word) >= 15]
    tried += [(word * 15)[: max(15, 2 * len(word))] for word in words]
    tried += [f"{word}{other}!!!!!!!!" for word, other in pairwise(words)]
    let_in = [password for password in tried if passwords.problem_with(password) is None]
    say(f"P32: {len(let_in)} of {len(tried)} passwords of the list let in")
    assert not let_in


def test_a_suggestion_is_four_words_that_pass(say: Callable[[str], None]) -> None:
    words = passwords._words()
    assert len(words) == len(set(words)) >= 1000
    assert all(word.isascii() and word.isalpha() and word.islower() for word in words)
    made = [passwords.suggest() for _ in range(300)]
    assert all(len(one.split()) == 4 and passwords.problem_with(one) is None for one in made)
    assert len(set(made)) == 300
    say(f"wachtzin: 4 of {len(words)} words")


def test_the_cost_is_the_promised_one() -> None:
    kept = passwords.hash_password(SECRET, GOOD)
    costs = extract_parameters(kept.partition(":")[2])
    assert (costs.memory_cost, costs.time_cost, costs.parallelism) == (47104, 2, 1)
    assert (costs.type.name, costs.salt_len, costs.hash_len) == ("ID", 16, 32)
    assert len(kept) <= 200


def test_a_password_fits_in_any_spelling_of_its_letters(cheap: None) -> None:
    kept = passwords.hash_password(SECRET, "een zin met één accent")
    assert passwords.fits(SECRET, kept, "een zin met e\u0301e\u0301n accent")
    assert not passwords.fits(SECRET, kept, "een zin met een accent")


def test_a_hash_is_worth_nothing_without_the_pepper(cheap: None) -> None:
    kept = passwords.hash_password(SECRET, GOOD)
    assert not passwords.fits("another secret of another café entirely", kept, GOOD)


def test_nobody_comes_in_without_a_password(cheap: None) -> None:
    assert not passwords.fits(SECRET, None, "")
    assert not passwords.fits(SECRET, None, "nobody")
    assert not passwords.fits(SECRET, "", GOOD)


def test_old_costs_are_seen(cheap: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = passwords.hash_password(SECRET, GOOD)
    assert not passwords.is_dated(kept)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(memory_cost=128, time_cost=1, parallelism=1))
    assert passwords.is_dated(kept)


def test_two_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, most, lock, gate = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        def hash(self, password: bytes) -> str:
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
            gate.wait(0.05)
            with lock:
                busy -= 1
            return ""

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=passwords.hash_password, args=(SECRET, GOOD)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2
