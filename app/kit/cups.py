"""Draws nobody: says which coffee cup stands for a name, the same one on every machine and in every year."""

from dataclasses import dataclass
from hashlib import sha256

RIMS, COLOURS, COFFEES, ARTS, TURNS = 6, 8, 5, 8, 8


@dataclass(frozen=True)
class Cup:
    """A cup seen from above: numbers of drawings in the icon sprite, and how far the cup is turned, in degrees."""

    rim: int
    colour: int
    coffee: int
    art: int
    turn: int


def cup_for(name: str) -> Cup:
    """The cup of a name. Names that differ only in case or outer spaces share one, as they may not exist together."""
    rest = int.from_bytes(sha256(name.strip().casefold().encode()).digest()[:8])
    rest, rim = divmod(rest, RIMS)
    rest, colour = divmod(rest, COLOURS)
    rest, coffee = divmod(rest, COFFEES)
    rest, art = divmod(rest, ARTS)
    turn = 360 // TURNS * (rest % TURNS)
    return Cup(rim, colour, coffee, art, turn)
