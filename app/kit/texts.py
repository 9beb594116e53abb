"""The longer standing texts of the café: rules, letters, mails, pages and the reasons of the guard, found by key.

They stand in app/texts/<language>/, any *.md and *.toml there, read once at first use. The name of a file has no
meaning; a key may stand only once in a language.

*.md    a text runs from its line `<!-- key: regel.1.titel -->` to the next key line or the next `#` or `##` heading.
*.toml  a string is found by the path of its table and its field: `brief.terug.wat`, `mailblok.groet`. A table with
        no other field than `tekst` is a text itself: `scherm.klaar`. Values that are not strings are not texts.

A text comes back as it stands, without escaping: the template does that.
"""

import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "texts"
LANGUAGES = ("nl", "en")

# The tests switch this on. For a member a sentence with a gap is better than a page that fails.
strict = False

_KEY_LINE = re.compile(r"<!-- key: ([a-z0-9_.]+) -->")
_HEADING = re.compile(r"##? ")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_log = logging.getLogger(__name__)


class TextMissing(KeyError):
    """No text has this key in this language."""


class PlaceholderMissing(KeyError):
    """A text was asked for without a value for one of its placeholders. Only raised when `strict`."""


def standing(key: str, language: str = "nl", **fill: object) -> str:
    """The text, every {name} replaced by its value. One pass: braces inside a value stay what they are."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in fill:
            return str(fill[name])
        if strict:
            raise PlaceholderMissing(f"{key} ({language}): no value for {{{name}}}")
        _log.error("standing text %s (%s): no value for {%s}", key, language, name)
        return ""

    return _PLACEHOLDER.sub(value, _text(key, language))


def keys(language: str = "nl", under: str = "") -> tuple[str, ...]:
    """The keys in the order of the files; `under="brief.terug"` gives the fields of one letter only."""
    return tuple(key for key in _texts(language) if not under or key.startswith(under + "."))


def placeholders(key: str, language: str = "nl") -> frozenset[str]:
    """The names that a text wants a value for."""
    return frozenset(_PLACEHOLDER.findall(_text(key, language)))


def read_folder(folder: Path) -> dict[str, str]:
    """Every text in a folder. Raises ValueError for what an editor got wrong: a key twice, an empty text."""
    texts: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        content = path.read_text("utf-8") if path.suffix in (".md", ".toml") else ""
        found = _in_markdown(content) if path.suffix == ".md" else _in_tables(tomllib.loads(content))
        for key, text in found:
            if key in texts:
                raise ValueError(f"{path.name}: key twice: {key}")
            if not text:
                raise ValueError(f"{path.name}: empty text: {key}")
            texts[key] = text
    return texts


def _text(key: str, language: str) -> str:
    try:
        return _texts(language)[key]
    except KeyError:
        raise TextMissing(f"{key} ({language})") from None


@cache
def _texts(language: str) -> Mapping[str, str]:
    if language not in LANGUAGES:
        raise TextMissing(f"no texts in language {language!r}")
    return read_folder(FOLDER / language)


def _in_markdown(content: str) -> Iterator[tuple[str, str]]:
    key = ""
    lines: list[str] = []
    for line in [*content.splitlines(), "# end"]:
        mark = _KEY_LINE.fullmatch(line.strip())
        if mark is None and "<!-- key" in line:
            raise ValueError(f"not a key line: {line}")
        if mark or _HEADING.match(line):
            if key:
                yield key, "\n".join(lines).strip()
            key, lines = (mark.group(1) if mark else ""), []
        else:
            lines.append(line)


def _in_tables(table: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{path}.{name}" if path else name
        if isinstance(value, str):
            yield key, value.strip()
        elif isinstance(value, dict) and list(value) == ["tekst"]:
            yield key, str(value["tekst"]).strip()
        elif isinstance(value, dict):
            yield from _in_tables(value, key)
