"""No message on screen is missing in Dutch: every id in code and templates stands in a catalogue."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.kit.messages import LOCALE_FOLDER, translate

ROOT = Path(__file__).parents[2]
PLACES = ("app", "templates")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false", "encoding": "utf-8"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")

Message = str | tuple[str, ...]


def used_messages() -> dict[Message, str]:
    """Every message id in the code, with the file that holds it first."""
    found: dict[Message, str] = {}
    for place in PLACES:
        for file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / place), method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
        ):
            found.setdefault(message, f"{place}/{file}")
    return found


def catalogues() -> list[tuple[str, Catalog]]:
    found = []
    for file in sorted((LOCALE_FOLDER / "nl").glob("*.po")):
        with file.open("rb") as source:
            found.append((file.name, read_po(source, locale="nl")))
    return found


def dutch() -> set[Message]:
    """The ids that have Dutch words."""
    known: set[Message] = set()
    for _name, catalogue in catalogues():
        known |= {entry.id for entry in catalogue if entry.id and all(_strings(entry.string))}
    return known


def missing(used: dict[Message, str], known: set[Message]) -> list[str]:
    return [f"{file}: {message}" for message, file in used.items() if message not in known]


def _strings(string: str | tuple[str, ...] | list[str]) -> list[str]:
    return [string] if isinstance(string, str) else list(string)


def test_every_message_has_dutch_words(say: Callable[[str], None]) -> None:
    used = used_messages()
    lacking = missing(used, dutch())
    say(f"messages: {len(lacking)} of {len(used)} lack Dutch")
    assert len(used) > 200
    assert not lacking, "give these Dutch words in app/locale/nl/<folder>.po:\n" + "\n".join(lacking)


def test_a_planted_message_without_dutch_is_found() -> None:
    assert missing({"Nobody translated this.": "app/x.py"}, dutch()) == ["app/x.py: Nobody translated this."]


def test_a_message_says_one_thing_in_dutch_and_keeps_its_placeholders() -> None:
    words: dict[Message, set[str]] = {}
    for _name, catalogue in catalogues():
        for entry in catalogue:
            if not entry.id:
                continue
            words.setdefault(entry.id, set()).add(str(entry.string))
            for id_, string in zip(_strings(entry.id), _strings(entry.string), strict=False):
                assert Counter(PLACEHOLDER.findall(string)) == Counter(PLACEHOLDER.findall(id_)), (id_, string)
    twice = {message: said for message, said in words.items() if len(said) > 1}
    assert not twice, f"said differently in two catalogues; the last one would win: {twice}"


def test_no_dutch_stands_for_nothing() -> None:
    """What is not used any more is taken out, or the catalogues grow for ever."""
    used = set(used_messages())
    stale = [
        f"{name}: {entry.id}"
        for name, catalogue in catalogues()
        for entry in catalogue
        if entry.id and entry.id not in used
    ]
    assert not stale, "no page says these any more:\n" + "\n".join(map(str, stale))


def test_english_is_the_message_itself() -> None:
    assert translate("today", "en") == "today"
    assert translate("today", "nl") == "vandaag"
    assert translate("", "nl") == ""
