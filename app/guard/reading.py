"""Reads a sentence as a row of words and kinds: ` neem gewoon DOSE MED , dan slaap je `. The rules look at that row."""

import re
from dataclasses import dataclass

from app.guard.lexicon import Lexicon
from app.guard.normalise import Plain
from app.guard.sentences import Sentence, split

_TOKEN = re.compile(r"[a-zA-Z0-9@*$]+(?:['\-][a-zA-Z0-9*]+)*|'[a-z](?=\s)|\d+(?:[.,]\d+)?|[,:;()?!+=%>/]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?\Z")
_STEPS = re.compile(r"\d+(?:-\d{1,3}){2,}\Z")
# A name with a capital inside, as products have.
_BRAND = re.compile(r"[A-Z][a-z]{2,}[A-Z][a-z]{2,}\Z")
_GLUED_DOSE = re.compile(r"(\d+)(mg|mcg|ug|gr?|ml|x|e|dd|ie)\Z")
NUMBER_WORDS = frozenset(
    [
        "twee",
        "drie",
        "vier",
        "vijf",
        "zes",
        "zeven",
        "acht",
        "negen",
        "tien",
        "elf",
        "twaalf",
        "vijftien",
        "twintig",
        "dertig",
        "veertig",
        "vijftig",
        "zestig",
        "tachtig",
        "honderd",
        "tweehonderd",
        "driehonderd",
        "vierhonderd",
        "vijfhonderd",
        "zeshonderd",
        "duizend",
        "two",
        "three",
        "four",
        "five",
        "six",
        "eight",
        "ten",
        "twenty",
        "thirty",
        "fifty",
        "hundred",
    ]
)
_MILLIGRAMS = frozenset(["mg", "mcg", "ug", "milligram", "milligrams", "microgram"])
_GRAMS = frozenset(
    [
        "g",
        "gr",
        "gram",
        "grams",
        "ml",
        "milliliter",
        "liter",
        "druppel",
        "druppels",
        "drops",
        "eetlepel",
        "eetlepels",
        "lepel",
        "lepels",
        "theelepel",
        "ie",
        "dd",
    ]
)
_TIMES = frozenset(["x", "keer", "maal", "times"])
_PERCENT = frozenset(("%", "procent", "percent"))
_JOINTS = frozenset([",", "dus", "maar", "want", "so", "but", "because"])
_WISHES = frozenset(["graag", "willen", "wel", "nooit", "zelf", "eens", "het", "wish", "love", "like", "never", "ook"])
_SOFT = (
    "ik zou",
    "zou ik",
    "ik zoude",
    "als ik jou was",
    "als ik u was",
    "als ik je was",
    "was ik jou",
    "als ik jullie was",
    "i would",
    "i'd",
    "if i were you",
    "mijn advies",
    "mijn raad",
    "mijn tip",
    "ik raad",
    "ik adviseer",
    "my advice",
    "raad ik",
    "adviseer ik",
    "ik wil je",
    "ik wil u",
    "i wouldn't",
    "ik geef je",
    "geef ik je",
)
_OPINION = (
    "volgens mij",
    "wat mij betreft",
    "als je het mij vraagt",
    "als u het mij vraagt",
    "ik denk",
    "denk ik",
    "ik vind",
    "vind ik",
    "ik weet",
    "weet ik",
    "naar mijn mening",
    "mijns inziens",
    "ik geloof",
    "trust me",
    "believe me",
    "geloof mij",
    "geloof me",
    "neem het van mij aan",
    "neem van mij aan",
    "neem het van me aan",
    "i think",
    "i believe",
    "i reckon",
    "ik zie",
    "zie ik",
    "ik lees",
    "lees ik",
    "lijkt mij",
    "lijkt me",
    "mij lijkt",
    "ik weet zeker",
    "naar mijn overtuiging",
    "ik gok",
    "ik wed",
    "mijn conclusie",
    "mijn mening",
    "in mijn ogen",
    "ik ken",
    "ik vermoed",
    "vermoed ik",
    "ik hoor",
    "hoor ik",
    "ik merk",
)
_SPEECH: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _phrases, _token in ((_SOFT, "SOFT"), (_OPINION, "OPIN")):
    for _phrase in sorted(_phrases, key=len, reverse=True):
        _SPEECH.setdefault(_phrase.split()[0], []).append((tuple(_phrase.split()), _token))
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
    clauses: tuple[tuple[str, frozenset[str]], ...] = ()


def read(text: Plain, lexicon: Lexicon, *, as_own: bool = False) -> list[Reading]:
    """The sentences of a text in order. Words between quotation marks are left out, and a sentence that is all
    quotation is marked as quoted; `as_own` reads them as the writer's own."""
    sentences = split(text.text)
    if as_own:
        sentences = [Sentence(one.start, one.end) for one in sentences]
    return [_reading(text.text, sentence, lexicon) for sentence in sentences]


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
    row = _spoken(_doses(row))
    return Reading(
        sentence.start, sentence.end, _as_row(row), frozenset(row), medicine, question, quoted, _clauses(row)
    )


def _as_row(tokens: list[str]) -> str:
    return " " + "".join(f"{one} " for one in tokens)


def _clauses(row: list[str]) -> tuple[tuple[str, frozenset[str]], ...]:
    """The parts of a sentence between commas and joining words; none when it has only one part."""
    parts: list[list[str]] = [[]]
    for token in row:
        if token in _JOINTS and parts[-1]:
            parts.append([])
        if token not in _JOINTS:
            parts[-1].append(token)
    if len(parts) < 2:
        return ()
    rows = dict.fromkeys(tuple(part) for part in parts if len(part) > 1)
    return tuple((_as_row(list(part)), frozenset(part)) for part in rows)


def _spoken(row: list[str]) -> list[str]:
    """Writes `ik zou` and `als ik jou was` as SOFT and `volgens mij` as OPIN: they tell no story of one's own."""
    done: list[str] = []
    index = 0
    while index < len(row):
        for phrase, token in _SPEECH.get(row[index], ()):
            after = row[index + len(phrase)] if index + len(phrase) < len(row) else ""
            if tuple(row[index : index + len(phrase)]) == phrase and after not in _WISHES:
                done.append(token)
                index += len(phrase)
                break
        else:
            done.append(row[index])
            index += 1
    return done


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
    if _BRAND.match(spelled):
        return "BRAND", 1, None
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
    """Writes an amount as one token: `NUM mg`, `NUM x daags` and `NUM x NUM` as DOSE, `NUM druppels` as GRAM."""
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
