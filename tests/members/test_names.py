"""Pen names: what may be one, and which look alike (promise D17)."""

from collections.abc import Callable

import pytest

from app.members import names

CAFE = "Lotgenotencafé"

GOOD = [
    "Marja61",
    "Piet fan de Wâlden",
    "Hanneke, vrouw van",
    "Griet uit 't Waasland",
    "Lotte_loopt",
    "Oud-onderwijzer",
    "Saïd bakt",
    "Łukasz",
    "Zoë",
    "joop dicteert",
    "Vaste gast",
    "Femke FSHD",
    "Bob!",
    "Mintthee & co",
    "Steamer",
]
BAD = {
    "Jo": "3 to 30",
    "J" * 31: "3 to 30",
    "a1234": "three letters",
    "12345": "three letters",
    "marja@voorbeeld.nl": "mail address",
    "kijk op www wollensok": "mail address",
    "wollensok.nl": "mail address",
    "https://wollensok": "mail address",
    "jan apenstaart huis punt nl": "mail address",
    "Мария": "a to z",
    "Mаrja": "a to z",  # its first a is Cyrillic
    "Σωκράτης": "a to z",
    "Marja 🌷": "simple signs",
    "Marja\u200bJan": "simple signs",
    "Marja\nJan": "simple signs",
    "<b>Marja</b>": "simple signs",
    "Marja ٣": "simple signs",
    "moderator": "belongs to the house",
    "Mod3rat0r": "belongs to the house",
    "M O D E R A T O R": "belongs to the house",
    "de moderator van dienst": "belongs to the house",
    "Beheer": "belongs to the house",
    "Ineke (beheer)": "belongs to the house",
    "admin": "belongs to the house",
    "ADM1N": "belongs to the house",
    "Team DVN": "belongs to the house",
    "systeem": "belongs to the house",
    "Lotgenotencafe": "belongs to the house",
    "het lotgenoten-café": "belongs to the house",
    "Gast": "belongs to the house",
    "anoniem": "belongs to the house",
}


@pytest.mark.parametrize("name", GOOD)
def test_an_ordinary_name_is_fine(name: str) -> None:
    assert names.problem_with(names.tidy(name), CAFE) is None


@pytest.mark.parametrize(("name", "reason"), BAD.items())
def test_a_name_that_misleads_or_leads_elsewhere_is_refused(name: str, reason: str) -> None:
    problem = names.problem_with(name, CAFE)
    assert problem is not None and reason in problem


def test_another_house_reserves_its_own_name() -> None:
    assert names.problem_with("Huiskamer Zuid", "Huiskamer") is not None
    assert names.problem_with("Huiskamer Zuid", CAFE) is None


ALIKE = [
    ("Marja61", "marja61"),
    ("Marja61", "Marja6l"),
    ("Marja61", "Marja6I"),
    ("Marja61", "ＭＡＲＪＡ６１"),
    ("Marja61", "Marja 61"),
    ("Marja61", "M.a.r.j.a_61"),
    ("Marja61", "Mаrjа61"),  # with a Cyrillic a, twice
    ("Alida", "Аlidа"),
    ("Zoë", "Zoe"),
    ("Zoë", "Zoe\u0308"),
    ("Anna", "Änna"),
    ("Ole", "Øle"),
    ("Morna", "Moma"),
    ("Willem", "VVillem"),
    ("Lisa", "Iisa"),
    ("Joost", "J00st"),
    ("Sanne", "5anne"),
    ("Wollensok", "Wo||ensok"),
]
UNLIKE = [("Marja61", "Marja62"), ("Anna", "Hanna"), ("Bram", "Brom"), ("Noor94", "Noor93"), ("Eefje", "Eefke")]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert names.skeleton(one) == names.skeleton(other)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_names_that_differ_stay_two(one: str, other: str) -> None:
    assert names.skeleton(one) != names.skeleton(other)


def test_every_confusable_letter_of_unicode_is_seen_through(say: Callable[[str], None]) -> None:
    """A name with one letter swapped for its look-alike is the same name, or is refused for its letters."""
    # What NFKC itself rewrites is not what is kept or shown.
    table = {sign: plain for sign, plain in names._lookalikes().items() if names.tidy(sign) == sign}
    missed = []
    for sign, plain in table.items():
        name, model = f"Ma{sign}rja", f"Ma{plain}rja"
        if names.problem_with(name, CAFE) is None and names.skeleton(name) != names.skeleton(model):
            missed.append(name)
    say(f"D17: {len(missed)} of {len(table)} look-alike signs make a second name")
    assert len(table) > 200 and not missed
