"""Undoes tricks of spelling, and remembers for every character which of the author's it came from.

The rest of the guard reads the plain form; whoever is shown a place in the text gets the author's own characters.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass

# Letters of other alphabets that look like ours. NFKC leaves these alone.
_LOOK_ALIKES = str.maketrans(
    "аеорсухкмтвніјѕԁɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονρτιАВЕКМНОРСТХІЅØøıłđ",
    "aeopcyxkmtbhijsdgABEZHIKMNOPTYXaovptiABEKMHOPCTXISOoild",
)
_TYPOGRAPHY = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‛": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "…": ".",
        "\u00a0": " ",
        "\r": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
        "\x85": "\n",
        "\t": " ",
    }
)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u200e\u200f\x00")
# Four or more single letters with the same mark between them: s.t.o.p, p r e g a, o-x-y-c. Long ones are cut up, so
# that a hostile text cannot make one match of itself.
_SPACED_OUT = re.compile(r"(?<![^\W_])[a-z0-9*](?:([.\-_*· ])[a-z0-9*])(?:\1[a-z0-9*]){2,40}(?![^\W_])", re.IGNORECASE)

_POINT_GOES_ON = re.compile(r"\. [a-z]")


@dataclass(frozen=True)
class Plain:
    """A text without tricks. `origin(i)` is the place in the author's text of its i-th character."""

    text: str
    origins: "array[int] | None"
    length: int

    def origin(self, index: int) -> int:
        """The author's place of the character at `index`; the end of the text for an index past the last."""
        if self.origins is None:
            return min(index, self.length)
        return self.origins[index] if index < len(self.origins) else self.length

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The author's [start, end) of a stretch of the plain text: up to and with its last character."""
        if end <= start:
            return self.origin(start), self.origin(start)
        return self.origin(start), min(self.origin(end - 1) + 1, self.length)


def plain(text: str) -> Plain:
    """The text in plain characters. Never raises; takes time in proportion to its length."""
    if text.isascii() and "\x00" not in text:
        simple = text.replace("\r", "\n").replace("\t", " ").replace("`", "'")
        return _together(simple, None, len(text))
    characters: list[str] = []
    origins = array("l")
    for index, character in enumerate(text):
        for one in _plain_character(character):
            characters.append(one)
            origins.append(index)
    return _together("".join(characters), origins, len(text))


def _plain_character(character: str) -> str:
    if character < "\x80":
        return _ASCII.get(character, character)
    if character in _INVISIBLE:
        return ""
    replaced = character.translate(_TYPOGRAPHY).translate(_LOOK_ALIKES)
    if replaced.isascii():
        return replaced
    split = unicodedata.normalize("NFKD", replaced)
    # Without its accents a letter is the same letter to the word lists. A single character never grows beyond a few.
    return "".join(one for one in split if not unicodedata.combining(one))[:18].translate(_LOOK_ALIKES)


_ASCII = {"\x00": "", "\r": "\n", "\t": " ", "`": "'"}


def _together(text: str, origins: "array[int] | None", length: int) -> Plain:
    """Writes words together whose letters stand apart."""
    matches = list(_SPACED_OUT.finditer(text))
    if not matches:
        return Plain(text, origins, length)
    source = origins if origins is not None else array("l", range(len(text)))
    pieces: list[str] = []
    kept = array("l")
    last = 0
    for match in matches:
        pieces.append(text[last : match.start()])
        kept.extend(source[last : match.start()])
        for index in range(match.start(), match.end(), 2):
            pieces.append(text[index])
            kept.append(source[index])
        # The point behind s.t.o.p. ends no sentence.
        last = match.end() + (match.group(1) == "." and _POINT_GOES_ON.match(text, match.end()) is not None)
    pieces.append(text[last:])
    kept.extend(source[last:])
    return Plain("".join(pieces), kept, length)
