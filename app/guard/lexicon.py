"""What the guard knows of words: the lists in knowledge/, read and checked once, and the kind of any one word.

A kind is written in capitals (`MED`, `TEST`), the way the rules write it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "knowledge"

# Later kinds give way to earlier ones when a word stands in two lists.
KINDS = {
    "MED": "medicines.txt",
    "SUP": "supplements.txt",
    "VAC": "vaccines.txt",
    "TEST": "tests.txt",
    "AID": "aids.txt",
    "CARE": "care.txt",
    "TREAT": "treatments.txt",
    "EXER": "exercise_diet.txt",
    "DIAG": "diagnoses.txt",
}
_TAILS = {
    "MED": (
        "pillen",
        "pilletje",
        "pilletjes",
        "tabletten",
        "tabletjes",
        "capsules",
        "infusen",
        "zalf",
        "siroop",
        "remmers",
        "remmer",
        "pil",
    ),
    "TEST": ("biopt", "biopten", "biopsie", "onderzoek", "onderzoeken", "punctie", "scan", "scans", "-test", "-testen"),
    "CARE": ("arts", "artsen", "poli", "dokter", "therapeut", "verpleegkundige", "apotheek", "neuroloog", "cardioloog"),
    "TREAT": ("operatie", "therapie"),
    "AID": ("spalk", "spalken", "orthese"),
    "VAC": ("vaccin", "vaccinatie", "vaccinaties"),
    "DIAG": ("neuropathie", "neuropathy", "dystrofie", "myopathie", "myositis", "tekort"),
}
# So many letters a name must have before it also matches with one letter too many, too few or other.
_LONG_ENOUGH = 8
_PREFIX_ENOUGH = 6
_LEET = str.maketrans("013457@$", "oieastas")


class KnowledgeError(ValueError):
    """A file in knowledge/ is not as it should be. The forum does not start with half a guard."""


def read_list(path: Path) -> tuple[str, ...]:
    """The entries of one file. It opens with a comment; an entry stands once."""
    lines = path.read_text("utf-8").splitlines()
    if not lines or not lines[0].startswith("#"):
        raise KnowledgeError(f"{path.name}: begins with a comment that says what it is and where it comes from")
    entries = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    seen: set[str] = set()
    for entry in entries:
        if entry in seen:
            raise KnowledgeError(f"{path.name}: stands twice: {entry}")
        if not entry.isascii():
            raise KnowledgeError(f"{path.name}: write it without accents: {entry}")
        seen.add(entry)
    return tuple(entries)


@dataclass(frozen=True)
class Lexicon:
    """All word lists, ready to be asked. Built by `load`; a test builds one with a list left out."""

    words: Mapping[str, str]
    capitals: Mapping[str, str]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    prefixes: Mapping[str, str]
    nearly: Mapping[str, str]
    never: frozenset[str]
    partial: bool = False
    verbs: frozenset[str] = frozenset()

    def kind(self, word: str, spelled: str) -> str | None:
        """The kind of a word in lower case; `spelled` is how the author wrote it, for ALS beside als."""
        if spelled in self.capitals:
            return self.capitals[spelled]
        known = self.words.get(word)
        if known is not None or len(word) < 4 or word in self.never or word[0].isdigit():
            return known
        return self._by_tail(word) or self._by_prefix(word) or self._by_near_miss(word)

    def unmasked(self, word: str) -> str:
        """A word with figures or marks for letters, in letters, when that makes it a word we know."""
        letters = word.translate(_LEET)
        for guess in (letters, letters.replace("*", ""), letters.replace("-", "").replace("*", "")):
            if guess != word and len(guess) > 3 and (guess in self.verbs or self.kind(guess, guess) is not None):
                return guess
        return word

    def _by_tail(self, word: str) -> str | None:
        for kind, tails in _TAILS.items():
            for tail in tails:
                if word.endswith(tail):
                    return kind
        return None

    def _by_prefix(self, word: str) -> str | None:
        for length in range(min(len(word), 22), _PREFIX_ENOUGH - 1, -1):
            kind = self.prefixes.get(word[:length])
            if kind is not None:
                return kind
        return None

    def _by_near_miss(self, word: str) -> str | None:
        if not _LONG_ENOUGH - 1 <= len(word) <= 24:
            return None
        if word in self.nearly:
            return self.nearly[word]
        for index in range(1, len(word)):
            kind = self.nearly.get(word[:index] + word[index + 1 :])
            if kind is not None:
                return kind
        return None


def load(folder: Path = FOLDER, *, without: frozenset[str] = frozenset()) -> Lexicon:
    """Reads the lists. `without` leaves kinds out: a test shows with it that the lists are what does the work."""
    words: dict[str, str] = {}
    capitals: dict[str, str] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    prefixes: dict[str, str] = {}
    nearly: dict[str, str] = {}
    for kind, name in KINDS.items():
        if kind in without:
            continue
        for entry in read_list(folder / name):
            if entry.isupper() and entry.isalpha():
                capitals[entry] = kind
                continue
            parts = tuple(entry.split())
            if len(parts) > 1:
                phrases.setdefault(parts[0], []).append((parts, kind))
                continue
            words.setdefault(entry, kind)
            if kind in ("MED", "SUP") and len(entry) >= _PREFIX_ENOUGH:
                prefixes.setdefault(entry, kind)
            if kind == "MED" and len(entry) >= _LONG_ENOUGH:
                for index in range(1, len(entry)):
                    nearly.setdefault(entry[:index] + entry[index + 1 :], kind)
    never = frozenset(read_list(folder / "exceptions.txt"))
    verbs = frozenset(
        entry for name in ("command", "take", "stop", "up") for entry in read_list(folder / "groups" / f"{name}.txt")
    )
    longest_first = {first: tuple(sorted(rest, key=lambda item: -len(item[0]))) for first, rest in phrases.items()}
    return Lexicon(words, capitals, longest_first, prefixes, nearly, never, partial=bool(without), verbs=verbs)


_ENTRY = re.compile(r"(?:[a-z0-9'-]+|[A-Z]+)(?: (?:[a-z0-9'-]+|[A-Z]+))*\Z")


def load_groups(folder: Path = FOLDER) -> Mapping[str, tuple[str, ...]]:
    """The groups of words that rules name as {group}: groups/<group>.txt, an entry a line, phrases allowed."""
    groups: dict[str, tuple[str, ...]] = {}
    for path in sorted((folder / "groups").glob("*.txt")):
        entries = read_list(path)
        for entry in entries:
            if _ENTRY.match(entry) is None:
                raise KnowledgeError(f"groups/{path.name}: lower-case words only: {entry}")
        groups[path.stem] = entries
    return groups
