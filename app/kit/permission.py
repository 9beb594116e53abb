"""Answers with a reason, and the policy that every route declares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True)
class Answer:
    """Yes, or no with a reason (a message id). Use it as a condition."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Answer(True)


def no(reason: str) -> Answer:
    """A no with its reason; the reason is a message id in plain words."""
    return Answer(False, reason)


@dataclass(frozen=True)
class Policy:
    """Who may use a route at all. `admits` sees the viewer and raises a refusal for whoever may not."""

    name: str
    admits: Callable[[Any], None]


def open_to(policy: Policy) -> Callable[[Endpoint], Endpoint]:
    """Declare who may use a route. Stands right under the router's decorator."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.open_to = policy  # type: ignore[attr-defined]
        return endpoint

    return declare


def policy_of(endpoint: Callable[..., Any]) -> Policy | None:
    """The policy that a route's function declares, if any."""
    return getattr(endpoint, "open_to", None)
