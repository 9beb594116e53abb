"""The standing texts: both languages complete, plain to read, nothing in a mail that tells about somebody's health."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kit import texts
from app.kit.texts import FOLDER, PlaceholderMissing, TextMissing, keys, placeholders, read_folder, standing

LANGUAGES = ("nl", "en")
ONLY_DUTCH = ("woord.",)
LONGEST_SENTENCE, LONGEST_MEAN, LONGEST_LETTER = 20, 12, 180
WELCOME = ("welkom.", "aanmelden.klaar.", "naasten.welkom", "verwezen.tekst", "mail.bevestig_adres")
HEALTH = {
    "nl": r"spier|dvn|neuropath|zenuw|ziek|patiënt|lotgeno|gezond|\barts\b|medi[cs]|zorgverlen|naaste|diagnos|pijn",
    "en": r"muscle|dvn|neuropath|nerve|\bill(?:ness)?\b|disease|patient|health|doctor|medic|loved one|diagnos|pain",
}
DSA_17 = ["wat", "bereik", "duur", "feiten", "grond", "gemerkt", "automatisch", "herstel", "bezwaar"]
LETTER_FIELDS = ["titel", "aanhef", *DSA_17, "slot"]
LETTERS_BY_MAIL = ("kennisgeving_", "over_mij_")
# Words that a value counts for in a letter, when it is longer than two.
WORDS_OF = {"zin": 16, "herstel_oud": 14, "genomen_stap": 6, "reden_melding": 6, "ontbreekt": 8, "grond_kort": 14}
WORDS_OF |= {"bezwaar_kort": 14, "nieuw_besluit": 8, "regel_titel": 10, "wie_leest": 8, "wet": 8, "bevel": 8}
WORDS_OF |= {"uitleg": 19, "suggestie": 21, "contact_mail": 1, "dossier": 1}  # the longest of the guard
KNOWN = set(  # every name that a text may ask a value for; a new one belongs here, a typing error does not
    """
    zin middel suggestie uitleg regel_nr regel_titel wet bevel schuilnaam moderator naam datum tot van naar wie_leest
    rubriek dossier adres reden aantal reden_melding genomen_stap ontbreekt herstel_oud nieuw_besluit bezwaar_kort
    grond_kort bezwaar_tot antwoord_voor bewaar_tot export_tot link_eerste wachttijd brief groet blok_bezwaar
    blok_aanpassen blok_hulp gemerkt automatisch grond duur afmelden niet_jij link afmeld_link verwijs_link kort_adres
    tijd uren minuten code zoekwoord stap stappen keuze onderdeel wis_datum verandering over dagmax afdeling versie
    vereniging vereniging_mail vereniging_telefoon adres_vereniging contact_mail privacy_mail bestuur_mail
    afzender_adres dienst_telefoon fg_naam functie geldbronnen verwerkers gebeurtenis periode soort_gegevens gevolgen
    maatregelen stappen_lid telefoon contact_naam status uitleg_status onderzoek aantal_leden testers probleem gevolg
    oplossing klaar_op
    """.split()  # noqa: SIM905
)


# --- The loader ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text(
        "# Rules\nnot a text\n<!-- key: rule.1 -->\nOne.\n\n- {b}\n\n## Two\n\n<!-- key: rule.2 -->\nTwo\n", "utf-8"
    )
    (tmp_path / "b.toml").write_text(
        'top = "t"\n[screen.done]\ntekst = "Done"\n[letter.back]\nfull = true\ntitel = "Back"\ntekst = "Text"\n',
        "utf-8",
    )
    (tmp_path / "c.txt").write_text("ignored", "utf-8")
    return tmp_path


def test_a_text_is_found_by_key_line_or_by_table_and_field(folder: Path) -> None:
    assert read_folder(folder) == {
        "rule.1": "One.\n\n- {b}",
        "rule.2": "Two",
        "top": "t",
        "screen.done": "Done",
        "letter.back.titel": "Back",
        "letter.back.tekst": "Text",
    }


@pytest.mark.parametrize(
    "wrong", ["<!-- key: rule.1 -->\nAgain", "<!-- key: rule.3 -->\n\n# End", "<!-- key: Rule 3 -->\nText"]
)
def test_what_an_editor_gets_wrong_is_told(folder: Path, wrong: str) -> None:
    (folder / "d.md").write_text(wrong, "utf-8")
    with pytest.raises(ValueError):
        read_folder(folder)


def test_values_are_filled_in_and_never_read_again() -> None:
    text = standing("brief.terug.feiten", zin="{datum} {zin} \\1 {{x}}")
    assert text == "Het gaat om: '{datum} {zin} \\1 {{x}}'."
    assert standing("mod.grenzen.teller", over=0, dagmax="{over}") == "Jij: nog 0 van {over} vandaag."


def test_a_missing_text_is_an_error_and_says_its_key() -> None:
    for key, language in (("no.such", "nl"), ("huisregels.titel", "fr"), ("huisregels.titel", "../nl")):
        with pytest.raises(TextMissing, match=re.escape(language if language != "nl" else key)):
            standing(key, language)


def test_a_missing_value_leaves_a_gap_for_a_member_and_stops_a_test(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(texts, "strict", False)
    assert standing("wachttijd.druk", secret="Marja") == "Het is druk. Het duurt nu vaak  uur. Je bericht is bewaard."
    assert "wachttijd.druk" in caplog.text and "uren" in caplog.text and "Marja" not in caplog.text
    monkeypatch.setattr(texts, "strict", True)
    with pytest.raises(PlaceholderMissing, match=r"wachttijd\.druk"):
        standing("wachttijd.druk")


def test_keys_come_in_the_order_of_the_file() -> None:
    fields = [key.removeprefix("brief.terug.") for key in keys(under="brief.terug")]
    assert fields == LETTER_FIELDS
    assert not keys(under="brief.teru")
    assert placeholders("brief.terug.herstel") == {"suggestie", "blok_aanpassen"}


# --- Both languages --------------------------------------------------------------------------------


def both(language: str) -> set[str]:
    return {key for key in keys(language) if not key.startswith(ONLY_DUTCH)}


def test_each_text_stands_in_both_languages() -> None:
    dutch, english = both("nl"), both("en")
    print(f"{len(dutch)} Dutch keys, {len(english)} English keys, {len(keys('nl')) - len(dutch)} in Dutch only")
    assert len(dutch) > 500
    assert not dutch - english, f"write these in English too: {sorted(dutch - english)}"
    assert not english - dutch, f"no Dutch for: {sorted(english - dutch)}"


def test_each_text_wants_the_same_values_in_both_languages() -> None:
    shared = both("nl") & both("en")
    filled = [key for key in shared if placeholders(key, "nl")]
    print(f"{len(shared)} texts compared, {len(filled)} with placeholders")
    assert len(filled) > 100
    for key in shared:
        assert placeholders(key, "nl") == placeholders(key, "en"), key


def test_each_placeholder_is_known() -> None:
    used = {name: key for language in LANGUAGES for key in keys(language) for name in placeholders(key, language)}
    print(f"{len(used)} different placeholders")
    assert not {name: key for name, key in used.items() if name not in KNOWN}, "a typing error, or add it to KNOWN"
    assert not KNOWN - set(used), "no text uses these any more"


def test_letters_have_the_same_fields_and_mails_the_same_kind_in_both_languages() -> None:
    for file, table in (("brieven.toml", "brief"), ("mails.toml", "mail")):
        dutch, english = tables("nl", file)[table], tables("en", file)[table]
        print(f"{file}: {len(dutch)}")
        assert {k: list(v) for k, v in dutch.items()} == {k: list(v) for k, v in english.items()}
        for key, row in dutch.items():
            assert row.get("soort") == english[key].get("soort") and row.get("volledig") == english[key].get("volledig")


# --- Plain to read ---------------------------------------------------------------------------------


def tables(language: str, file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((FOLDER / language / file).read_text("utf-8"))
    return loaded


def sentences(text: str) -> Iterator[tuple[str, int]]:
    """Each sentence with its number of words. The end of a line and of a cell ends a sentence too."""
    for line in text.strip().splitlines():
        line = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", line.strip())
        if not line or set(line) <= set("|-: "):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else [line]
        for cell in cells:
            for part in re.split(r"(?<=[.!?…])['’\")]*\s+", cell):
                words = re.findall(r"\{\w+\}|[^\W_][\w'’.,&@/:+-]*", part)
                if words:
                    yield part, len(words)


def hard_to_read(key: str, text: str, language: str) -> list[str]:
    faults = []
    counts = []
    for sentence, count in sentences(text):
        counts.append(count)
        if count > LONGEST_SENTENCE:
            faults.append(f"{key}: {count} words: {sentence}")
    if counts and sum(counts) / len(counts) > LONGEST_MEAN and not key.endswith(".titel"):
        faults.append(f"{key}: mean of {sum(counts) / len(counts):.1f} words: {text[:60]}")
    if "!" in text and not key.startswith(WELCOME):
        faults.append(f"{key}: exclamation mark outside a welcome")
    if re.search(r"[—–]", text):
        faults.append(f"{key}: dash")
    if language == "nl" and re.search(r"\b(?:u|uw|uzelf)\b", text, re.I):
        faults.append(f"{key}: 'u' instead of 'je'")
    return faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_plain(language: str) -> None:
    checked = [key for key in keys(language) if not key.startswith("woord.") or key.endswith(".uitleg")]
    counts = [n for key in checked for _, n in sentences(standing_raw(key, language))]
    print(f"{language}: {len(checked)} texts, {len(counts)} sentences, mean {sum(counts) / len(counts):.1f}")
    assert len(counts) > 1500
    faults = [fault for key in checked for fault in hard_to_read(key, standing_raw(key, language), language)]
    assert not faults, "\n".join(faults)


def standing_raw(key: str, language: str) -> str:
    return standing(key, language, **{name: "{" + name + "}" for name in placeholders(key, language)})


@pytest.mark.parametrize(
    "planted",
    [
        "word " * 21 + ".",
        "These are thirteen words that stand in one sentence, which is one too many.",
        "Fine!",
        "Goed — of niet.",
        "Dat mag u doen.",
    ],
)
def test_a_planted_fault_is_found(planted: str) -> None:
    assert hard_to_read("x.y", planted, "nl")


def test_a_plain_text_has_no_fault() -> None:
    assert not hard_to_read("x.y", "Dit is kort. Dit ook.\n\n- Een lijst\n- {naam}", "nl")
    assert not hard_to_read("welkom.x", "Fijn dat je er bent!", "nl")


# --- Mails -----------------------------------------------------------------------------------------


def telling(text: str, language: str) -> str:
    found = re.search(HEALTH[language], text, re.I)
    return found.group() if found else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_over_a_shoulder_tells_nothing(language: str) -> None:
    mails = keys(language, "mail") + keys(language, "mailblok") + keys(language, "afzender")
    letters = [k for k in keys(language, "brief") if k.removeprefix("brief.").startswith(LETTERS_BY_MAIL)]
    print(f"{language}: {len(mails)} texts of mails, {len(letters)} texts of letters that go by mail")
    assert len(mails) > 100 and len(letters) > 40
    for key in [*mails, *letters]:
        assert not telling(standing_raw(key, language), language), key


def test_a_telling_word_is_found() -> None:
    planted = {"nl": "Er is een antwoord in Spierziektebreed", "en": "A new reply about your disease"}
    assert all(telling(text, language) for language, text in planted.items())
    assert telling("Nieuw in DVN", "nl") and telling("New in DVN", "en")
    assert not telling("I still will fill this in", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_has_its_parts(language: str) -> None:
    mails = tables(language, "mails.toml")["mail"]
    print(f"{language}: {len(mails)} mails")
    for key, mail in mails.items():
        assert set(mail) == {"soort", "onderwerp", "tekst"}, key
        assert mail["soort"] in ("nodig", "keuze", "team", "buiten"), key
        assert "\n" not in mail["onderwerp"] and len(mail["onderwerp"]) <= 50, key
        assert mail["soort"] != "keuze" or "{afmelden}" in mail["tekst"], f"{key}: no way to unsubscribe"
        assert "{link}" not in mail["tekst"] or "{link}" in mail["tekst"].splitlines(), f"{key}: link in a line"


# --- Letters ---------------------------------------------------------------------------------------


def missing_elements(letter: dict[str, str]) -> list[str]:
    """What a letter about a restriction leaves out of article 17 of the DSA."""
    return [field for field in DSA_17 if not letter.get(field)] if letter.get("volledig") else []


def words_of_letter(letter: dict[str, str], parts: dict[str, Any]) -> int:
    whole = " ".join(letter[field] for field in LETTER_FIELDS if field in letter)
    fill = dict(parts["briefblok"])
    fill |= {table: max(parts[table].values(), key=len) for table in ("gemerkt", "automatisch", "duur", "grond")}
    for _ in range(2):
        for name, value in fill.items():
            whole = whole.replace("{" + name + "}", value)
    names = re.findall(r"\{(\w+)\}", whole)
    return len(re.findall(r"\{\w+\}|[^\W_][\w'’-]*", whole)) + sum(WORDS_OF.get(name, 2) - 1 for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_complete_and_fits_a_page(language: str) -> None:
    parts = tables(language, "brieven.toml")
    letters = parts["brief"]
    full = [key for key, letter in letters.items() if letter.get("volledig")]
    sizes = {key: words_of_letter(letter, parts) for key, letter in letters.items()}
    print(
        f"{language}: {len(letters)} letters, {len(full)} with the nine elements, at most {max(sizes.values())} words"
    )
    assert len(full) >= 15
    for key, letter in letters.items():
        fields = [field for field in letter if field != "volledig"]
        assert not set(fields) - set(LETTER_FIELDS), key
        assert not missing_elements(letter), f"{key}: {missing_elements(letter)} (DSA 17)"
        assert sizes[key] <= LONGEST_LETTER, f"{key}: {sizes[key]} words"


def test_the_objection_names_whom_and_until_when() -> None:
    for language in LANGUAGES:
        assert {"contact_mail", "dossier", "bezwaar_tot"} == placeholders("briefblok.blok_bezwaar", language)


def test_a_letter_with_a_gap_or_too_long_is_found() -> None:
    parts = tables("nl", "brieven.toml")
    letter = dict(parts["brief"]["terug"])
    assert not missing_elements(letter)
    del letter["duur"]
    assert missing_elements(letter) == ["duur"]
    letter["duur"] = "woord " * 120
    assert words_of_letter(letter, parts) > LONGEST_LETTER
