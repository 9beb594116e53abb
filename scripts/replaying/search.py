"""Finds texts in pages, whatever markup, spaces or entities stand between their letters.

Each text is cut into stretches of 30 letters and digits that no other text of the corpus has; a page that shows one
of them shows the text. A text that is too short for that is looked for as a whole paragraph, box or attribute.
"""

import re
from collections import Counter
from collections.abc import Iterable
from html import unescape
from unicodedata import normalize

STRETCH = 30
_NO_LETTER = re.compile(r"[\W_]+")
_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTE = re.compile(r'="([^"]{2,})"')
_INLINE = re.compile(r"</?(?:a|b|em|strong|mark|span|small|i|br|time|svg|use)\b[^>]*>")


def plain(text: str) -> str:
    """Letters and digits only, small ones."""
    return _NO_LETTER.sub("", normalize("NFC", text).casefold())


def _stretches(words: str) -> set[str]:
    return {words[start : start + STRETCH] for start in range(len(words) - STRETCH + 1)}


class Search:
    """Knows by which stretch a page gives a text away. `texts` is id and words."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        words = {name: plain(text) for name, text in texts}
        known = Counter(one for text in words.values() for one in _stretches(text))
        self._of_stretch: dict[str, str] = {}
        self._of_whole: dict[str, str] = {}
        for name, text in words.items():
            steps = [text[start : start + STRETCH] for start in range(0, len(text) - STRETCH + 1, STRETCH)]
            own = [one for one in steps if known[one] == 1] or [one for one in _stretches(text) if known[one] == 1]
            self._of_stretch |= dict.fromkeys(own, name)
            if not own:
                self._of_whole[text] = name

    @property
    def findable(self) -> set[str]:
        """The ids of the texts that are known from anything else."""
        return {*self._of_stretch.values(), *self._of_whole.values()}

    @property
    def stretches(self) -> int:
        return len(self._of_stretch) + len(self._of_whole)

    def forget(self, html: str) -> None:
        """What the house's own pages say is nobody's secret."""
        for one in self._stretches_in(html):
            self._of_stretch.pop(one, None)
        for one in self._wholes_in(html):
            self._of_whole.pop(one, None)

    def found_in(self, html: str) -> set[str]:
        """The ids of the texts that a page or a mail shows, in its words or in its attributes."""
        by_stretch = {self._of_stretch[one] for one in self._stretches_in(html)}
        return by_stretch | {self._of_whole[one] for one in self._wholes_in(html)}

    def _stretches_in(self, html: str) -> set[str]:
        attributes = (plain(unescape(one)) for one in _ATTRIBUTE.findall(html) if len(one) >= STRETCH)
        shown = plain(unescape(_TAG.sub("", html)))
        return _stretches("\n".join([shown, *attributes])) & self._of_stretch.keys()

    def _wholes_in(self, html: str) -> set[str]:
        parts = [*_TAG.split(_INLINE.sub("", html)), *_ATTRIBUTE.findall(html)]
        return {plain(unescape(one)) for one in parts if len(one) < 200} & self._of_whole.keys()
