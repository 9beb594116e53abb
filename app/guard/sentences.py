"""Cuts a text into sentences, also when points and commas are missing, and knows what in it is quoted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A sentence ends at a mark with a space behind it, or at a line break.
_END = re.compile(
    r"[.!?]+['\")\]]*(?=\s|$)|\n+|(?<=[.!?])(?=[^\x00-\x7f])|[\U0001F300-\U0001FAFF\u2600-\u27BF]+(?=\s|$)"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s('\"-])(?:dr|drs|mr|mw|mevr|dhr|ir|ing|prof|bijv|bv|evt|nr|tel|geb|resp|incl|excl|max|min|ca|o\.a|d\.w\.z|"
    r"i\.v\.m|m\.b\.t|t\.a\.v|st|mrs|ms|vs|e\.g|i\.e|jl|aug|sept|okt|nov|dec|jan|febr|\w)\.$",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"(?:\A|\n)[ ]*\d{1,2}\.$")
# A text that is spoken in has no points at all. From this many words on a stretch is cut at words that join.
_LONG = 38
_SHORTEST = 9
_JOINT = re.compile(
    r",\s|\s(?=(?:maar|want|dus|en dan|en verder|maar wat|o ja|oh ja|trouwens|daarna|but|so|because)\s)"
)
_WORD = re.compile(r"\S+")
_QUOTE_OPEN = re.compile(r"(?:^|(?<=[\s(:\[*_-]))(['\"])(?=\S)(?!(?:[smtkn]|ie)\b(?!\s*['\"]))")


@dataclass(frozen=True)
class Sentence:
    """A stretch of the plain text. `quoted` holds the stretches in it that are somebody else's words."""

    start: int
    end: int
    quoted: tuple[tuple[int, int], ...] = ()

    @property
    def all_quoted(self) -> bool:
        """Nearly the whole sentence is somebody else's words."""
        inside = sum(end - start for start, end in self.quoted)
        return inside * 10 >= (self.end - self.start) * 8


def split(text: str) -> list[Sentence]:
    """The sentences in order, without the blanks around them. Linear in the length of the text."""
    quotes = list(quotations(text))
    found: list[Sentence] = []
    first = 0
    for start, end in _stretches(text):
        while first < len(quotes) and quotes[first][1] <= start:
            first += 1
        inside: list[tuple[int, int]] = []
        index = first
        while index < len(quotes) and quotes[index][0] < end:
            inside.append((max(start, quotes[index][0]), min(end, quotes[index][1])))
            index += 1
        found.append(Sentence(start, end, tuple(inside)))
    return found


def quotations(text: str) -> Iterator[tuple[int, int]]:
    """The stretches between quotation marks, and the lines that begin with `>`; in order, never overlapping."""
    line_quotes = (
        [(match.start(), match.end()) for match in re.finditer(r"(?m)^ {0,3}>.*$", text)] if ">" in text else []
    )
    marked = list(_between_marks(text))
    last = -1
    for start, end in sorted([*line_quotes, *marked]):
        if start >= last:
            yield start, end
            last = end


def _between_marks(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while True:
        opening = _QUOTE_OPEN.search(text, position)
        if opening is None:
            return
        mark = opening.group(1)
        closing = _closing(text, mark, opening.end())
        if closing < 0:
            position = opening.end()
            continue
        yield opening.start(), closing + 1
        position = closing + 1


def _closing(text: str, mark: str, position: int) -> int:
    """The closing mark: it stands behind a character and before a blank or a mark. Looks ahead 600 characters only."""
    limit = min(len(text), position + 600)
    while True:
        index = text.find(mark, position, limit)
        if index < 0:
            return -1
        after = text[index + 1] if index + 1 < len(text) else " "
        if not text[index - 1].isspace() and not after.isalnum():
            return index
        position = index + 1


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if match.group() == "." and _goes_on(text, start, match):
            continue
        yield from _cut_long(text, *_trimmed(text, start, match.end()))
        start = match.end()
    yield from _cut_long(text, *_trimmed(text, start, len(text)))


def _goes_on(text: str, start: int, point: re.Match[str]) -> bool:
    """The point belongs to an abbreviation, an initial or the number of a list."""
    window = max(start, point.start() - 12)
    return (
        _ABBREVIATION.search(text, window, point.end()) is not None
        or _LIST_NUMBER.search(text, max(0, point.start() - 6), point.end()) is not None
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if start >= end:
        return
    # Four characters is a short word: below this length there cannot be enough words to cut.
    if end - start < _LONG * 4 or sum(1 for _ in _WORD.finditer(text, start, end)) < _LONG:
        yield start, end
        return
    begin, words_from = start, start
    for joint in _JOINT.finditer(text, start, end):
        words = sum(1 for _ in _WORD.finditer(text, words_from, joint.start()))
        if words < _SHORTEST:
            continue
        yield _trimmed(text, begin, joint.end())
        begin = words_from = joint.end()
    if _trimmed(text, begin, end)[0] < end:
        yield _trimmed(text, begin, end)
