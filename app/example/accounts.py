"""The accounts that a visitor of the example café may sign in with."""

from dataclasses import dataclass

from app.example.story import ToldMember, read_story
from app.members.tables import Relation, Role

# Only ever in the example café, where everything is invented.
EXAMPLE_PASSWORD = "koffie met een koekje erbij"
EXAMPLE_DOMAIN = "voorbeeld.example"
SHOWN = ("marja", "kees", "lotte", "moedervan", "willemijn", "ineke")


@dataclass(frozen=True)
class ExampleAccount:
    """Who one can be."""

    pseudonym: str
    email: str
    relation: Relation
    roles: tuple[Role, ...]


def email_of(member: ToldMember) -> str:
    return f"{member.id}@{EXAMPLE_DOMAIN}"


def example_accounts() -> tuple[ExampleAccount, ...]:
    """A handful: of each relation one, a moderator, and the administrator."""
    story = read_story()
    members = [story.member(name) for name in SHOWN]
    return tuple(ExampleAccount(one.pseudonym, email_of(one), one.relation, one.roles) for one in members)


def accounts_in_words() -> str:
    """The accounts as lines to print when the café is served."""
    rows = [
        (one.email, one.pseudonym, ", ".join([one.relation.value, *(role.value for role in one.roles)]))
        for one in example_accounts()
    ]
    widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
    lines = [f"  {email:<{widths[0]}}  {name:<{widths[1]}}  {what}" for email, name, what in rows]
    return "\n".join([f"Example accounts, all with the password: {EXAMPLE_PASSWORD}", *lines])
