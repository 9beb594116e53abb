"""Letters: a restriction tells all nine things that the law asks for, in the reader's language, and not too long."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from app.kit import texts
from app.kit.settings import Settings
from app.kit.texts import standing
from app.members.tables import Member, Relation
from app.moderation.letter import (
    ELEMENTS,
    KINDS,
    MAILS,
    RESTRICTIONS,
    joined_sentences,
    months_later,
    number_of,
    write_letter,
)

Say = Callable[[str], None]
NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)
FILL = {
    "datum": NOW,
    "zin": "Neem gewoon 150 mg.",
    "rule": 1,
    "uitleg": "Deze zin noemt een hoeveelheid.",
    "suggestie": "Vertel hoe het bij jou ging.",
    "noticed_by": "wacht",
    "automatic": "aangewezen",
    "reden_melding": "Het is niet aardig",
    "genomen_stap": "het bericht is niet meer te lezen",
}


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    """A letter with a gap is an error here."""
    texts.strict = True
    yield
    texts.strict = False


def member(language: str) -> Member:
    return Member(id=1, pseudonym="Marja61", relation=Relation.LOTGENOOT, display=f"{language}.system.1.1.0")


def missing(letter: str, kind: str, language: str) -> list[str]:
    """The elements whose words are not in a letter: each by the part of its standing text that needs no filling."""
    absent = []
    for element in ELEMENTS:
        wanted = standing_part(kind, element, language)
        if wanted not in letter:
            absent.append(element)
    return absent


def standing_part(kind: str, element: str, language: str) -> str:
    try:
        raw = texts._text(f"brief.{kind}.{element}", language)
    except texts.TextMissing:
        return f"no text brief.{kind}.{element}"
    inner = {
        "{gemerkt}": texts._text("gemerkt.wacht", language),
        "{automatisch}": texts._text("automatisch.aangewezen", language),
        "{grond}": texts._text("grond.regel", language).partition("{")[0],
        "{blok_bezwaar}": texts._text("briefblok.blok_bezwaar", language).partition("{")[0],
    }
    for name, words in inner.items():
        raw = raw.replace(name, words)
    pieces = [piece.rpartition("}")[2] for piece in raw.split("{")]
    return max(pieces, key=len).strip()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_restriction_has_all_nine_elements(language: str, say: Say) -> None:
    settings = Settings(_env_file=None)
    for kind in RESTRICTIONS:
        written = write_letter(kind, member(language), settings, NOW, "ABCD-EFGH", **FILL)
        assert not missing(written.text, kind, language), kind
        assert FILL["zin"] in written.text
        assert "ABCD-EFGH" in written.text
        assert settings.contact_mail in written.text
    short = write_letter("geplaatst", member(language), settings, NOW, "ABCD-EFGH", **FILL)
    assert "bezwaar" in missing(short.text, "geplaatst", language), "control: a letter without an objection is seen"
    found = len(RESTRICTIONS) * len(ELEMENTS)
    say(f"DSA 17 ({language}): {found} of {found} elements in {len(RESTRICTIONS)} kinds; control: a lack is seen")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_letter_is_long_or_has_a_gap(language: str, kind: str) -> None:
    written = write_letter(kind, member(language), Settings(_env_file=None), NOW, "ABCD-EFGH", **FILL)
    assert "{" not in written.title + written.text
    assert len(written.text.split()) <= 180
    assert written.text.startswith(("Dag Marja61,", "Dear Marja61,"))
    assert written.paragraphs[-1][-1] in {"het Moderatieteam", "the moderation team"}
    assert "  " not in written.text


def test_every_letter_but_a_receipt_has_its_mail() -> None:
    assert set(KINDS) - set(MAILS) == {"melding_ontvangen"}
    for name in MAILS.values():
        for language in ("nl", "en"):
            assert standing(f"mail.{name}.tekst", language, link="L", groet="G", afmelden="")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (datetime(2026, 8, 31, tzinfo=UTC), 6, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 6, datetime(2026, 7, 15, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), 6, datetime(2027, 6, 1, tzinfo=UTC)),
    ],
)
def test_six_months_are_six_months(start: datetime, months: int, end: datetime) -> None:
    assert months_later(start, months) == end


def test_a_letter_has_a_number_one_can_type_and_braces_of_a_writer_stay_theirs() -> None:
    assert number_of("abcdefghijklmnopqrst") == "ABCD-EFGH"
    fill = {**FILL, "zin": "Bel {contact_mail} of {zin}."}
    written = write_letter("terug", member("nl"), Settings(_env_file=None), NOW, "ABCD-EFGH", **fill)
    assert "Bel {contact_mail} of {zin}." in written.text


def test_several_sentences_stand_between_their_own_marks() -> None:
    assert joined_sentences(["Een.", "Twee\nregels.", "Een."], "nl") == "Een.' en 'Twee regels."
