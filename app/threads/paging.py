"""The numbers under a list that has pages."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Paging:
    """What the pager shows: addresses of the neighbours, and a few numbers around this page."""

    page: int
    pages: int
    previous_url: str | None
    next_url: str | None
    first_url: str
    last_url: str
    numbers: tuple[tuple[int, str, bool], ...]


def paging_of(page: int, pages: int, address: Callable[[int], str]) -> Paging:
    """The pager for a page; pages count from 1."""
    around = range(max(1, page - 2), min(pages, page + 2) + 1)
    return Paging(
        page,
        pages,
        address(page - 1) if page > 1 else None,
        address(page + 1) if page < pages else None,
        address(1),
        address(pages),
        tuple((number, address(number), number == page) for number in around),
    )
