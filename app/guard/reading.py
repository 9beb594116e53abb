"""Reads a sentence as a row of words and kinds: ` neem gewoon DOSE MED , dan slaap je `. The rules look at that row."""

import re
from dataclasses import dataclass

from app.guard.lexicon import Lexicon
from app.guard.normalise import Plain
from app.guard.sentences import Sentence, split

_TOKEN = re.compile(r"[a-zA-Z0-9@*$]+(?:['\-][a-zA-Z0-9*]+)*|'[a-z](?=\s)|\d+(?:[.,]\d+)?|[,:;()?!+=%>/]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?\Z")
_STEPS = re.compile(r"\d+(?:-\d{1,3}){2,}\Z")
_GLUED_DOSE = re.compile(r"(\d+)(mg|mcg|ug|gr?|ml|x|e|dd|ie)\Z")
NUMBER_WORDS = frozenset(
    "twee drie vier vijf zes zeven acht negen tien elf twaalf vijftien twintig dertig veertig vijftig zestig tachtig honderd "
    "tweehonderd driehonderd vierhonderd vijfhonderd zeshonderd duizend two three four five six eight ten twenty "
    "thirty fifty hundred".split()
)
_MILLIGRAMS = frozenset("mg mcg ug milligram milligrams microgram".split())
_GRAMS = frozenset("g gr gram grams ml milliliter liter druppel druppels drops eetlepel eetlepels lepel lepels theelepel ie dd".split())
_TIMES = frozenset("x keer maal times".split())
_PERCENT = frozenset(("%", "procent", "percent"))
_COMMA = frozenset(",:;()/")


@dataclass(frozen=True)
class Reading:
    """A sentence as the rules see it. `row` begins with a blank and has one behind every word."""

    start: int
    end: int
    row: str
    words: frozenset[str]
    medicine: str | None
    question: bool
    quoted: bool
    shouted: bool = False


def read(text: Plain, lexicon: Lexicon) -> list[Reading]:
    """The sentences of a text in order; words between quotation marks are read apart, as quoted."""
    readings: list[Reading] = []
    for sentence in split(text.text):
        readings.append(_reading(text.text, sentence, lexicon))
    return readings


def _reading(text: str, sentence: Sentence, lexicon: Lexicon) -> Reading:
    quoted = sentence.all_quoted
    row, words, medicine, question = [], [], None, False
    for word, spelled in _tokens(text, sentence, keep_quotes=quoted):
        words.append((word, spelled))
    question = text[max(sentence.start, sentence.end - 4) : sentence.end].rstrip("'\")] ").endswith(("?", "?!"))
    index = 0
    while index < len(words):
        token, used, kind = _kind_at(words, index, lexicon)
        if kind in ("MED", "SUP") and medicine is None:
            medicine = " ".join(spelled for _, spelled in words[index : index + used])
        row.append(token)
        index += used
    row = _doses(row)
    return Reading(sentence.start, sentence.end, " " + "".join(f"{one} " for one in row), frozenset(row), medicine, question,
                   quoted)


def _tokens(text: str, sentence: Sentence, *, keep_quotes: bool) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    stretches = [(sentence.start, sentence.end)] if keep_quotes else _outside(sentence, text)
    for number, (start, end) in enumerate(stretches):
        if number and not keep_quotes:
            found.append(("QUOTE", "QUOTE"))
        for match in _TOKEN.finditer(text, start, end):
            spelled = match.group()
            found.append((_mark(spelled), spelled))
    return found


def _outside(sentence: Sentence, text: str) -> list[tuple[int, int]]:
    """The stretches outside quotation marks. One or two words between marks are emphasis, no quotation."""
    stretches: list[tuple[int, int]] = []
    position = sentence.start
    for start, end in sentence.quoted:
        if text.count(" ", start, end) < 2 and end - start < 40:
            continue
        stretches.append((position, start))
        position = end
    stretches.append((position, sentence.end))
    return stretches


def _mark(spelled: str) -> str:
    if spelled in _COMMA:
        return ","
    if spelled == "?":
        return "QM"
    if spelled == "!":
        return "EX"
    return spelled.lower()


def _kind_at(words: list[tuple[str, str]], index: int, lexicon: Lexicon) -> tuple[str, int, str | None]:
    """The token for the word at `index`, how many words it takes, and its kind."""
    word, spelled = words[index]
    for parts, kind in lexicon.phrases.get(word, ()):
        if len(words) - index >= len(parts) and all(words[index + n][0] == part for n, part in enumerate(parts)):
            return kind, len(parts), kind
    if _NUMBER.match(word):
        return ("NUM" if word not in ("112", "113") else word), 1, None
    if _STEPS.match(word):
        return "ROW", 1, None
    glued = _GLUED_DOSE.match(word)
    if glued:
        return _unit(glued.group(2)), 1, None
    if word in NUMBER_WORDS:
        return "NUM", 1, None
    kind_found = lexicon.kind(word, spelled)
    if kind_found is None and not word.isalpha() and len(word) > 3:
        word = lexicon.unmasked(word)
        kind_found = lexicon.kind(word, word)
    return (kind_found or word), 1, kind_found


def _unit(unit: str) -> str:
    if unit in ("x",):
        return "TIMES"
    return "DOSE" if unit in _MILLIGRAMS else "GRAM"


def _doses(row: list[str]) -> list[str]:
    """Writes an amount as one token: `NUM mg` as DOSE, `NUM druppels` as GRAM, `NUM x daags` and `NUM x NUM` as DOSE."""
    done: list[str] = []
    index = 0
    while index < len(row):
        token = row[index]
        after = row[index + 1] if index + 1 < len(row) else ""
        third = row[index + 2] if index + 2 < len(row) else ""
        if token == "NUM" and after in _MILLIGRAMS:
            done.append("DOSE")
            index += 2
        elif token == "NUM" and after in _PERCENT:
            done.append("PERCENT")
            index += 2
        elif token == "NUM" and after in _GRAMS:
            done.append("GRAM")
            index += 2
        elif token == "NUM" and after in _TIMES and third in ("NUM", "DOSE", "daags"):
            done.append("DOSE")
            index += 3
        elif token == "TIMES" and after in ("NUM", "DOSE", "daags"):
            done.append("DOSE")
            index += 2
        else:
            done.append("keer" if token == "TIMES" else token)
            index += 1
    return done
