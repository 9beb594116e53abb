"""The example café and its visitors, for every test of this folder."""

from collections.abc import Iterator

import pytest

from tests.pages.visitors import Cafe, NewPage, Visitors
from tests.servers import Server


@pytest.fixture(scope="session")
def cafe(example_cafe: Server) -> Iterator[Cafe]:
    cafe = Cafe(example_cafe)
    yield cafe
    cafe.close()


@pytest.fixture
def visitors(cafe: Cafe, new_page: NewPage) -> Iterator[Visitors]:
    """A test fails when the console of any of its visitors complained."""
    visitors = Visitors(cafe, new_page)
    yield visitors
    assert not list(visitors.faults()), "\n".join(visitors.faults())
