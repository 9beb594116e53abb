"""Where the lines of a drawn tree run: for a flat list in which each row only knows how deep it stands."""

from collections.abc import Sequence


def rails_of(depths: Sequence[int]) -> list[tuple[int, ...]]:
    """Per row, the depths whose line runs on past it, down to a later row that hangs from the same one."""
    coming: set[int] = set()
    found = []
    for depth in reversed(depths):
        coming = {line for line in coming if line < depth}
        found.append(tuple(sorted(coming)))
        if depth:
            coming.add(depth - 1)
    return found[::-1]
