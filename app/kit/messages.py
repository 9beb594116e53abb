"""Words on screen: message ids are English, Dutch stands in one catalogue a folder (`app/locale/nl/*.po`)."""

from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
LANGUAGES = ("nl", "en")
DEFAULT_LANGUAGE = "nl"


def N_(message: str) -> str:  # the customary name for: translate this later
    """Mark a message for the catalogues; whoever shows it translates it."""
    return message


@lru_cache
def translations(language: str) -> NullTranslations:
    """All catalogues of a language as one. English needs none: the ids are English."""
    merged = Translations()
    for file in sorted((LOCALE_FOLDER / language).glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=language)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        part = Translations(fp=compiled)
        merged = part if not merged._catalog else merged.merge(part)
    return merged


def translate(message: str, language: str) -> str:
    """A message in a language; an empty one stays empty."""
    return translations(language).gettext(message) if message else ""
