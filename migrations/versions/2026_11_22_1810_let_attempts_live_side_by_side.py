"""Let unconfirmed accounts share an address, so that nobody overwrites another's; once confirmed it is alone."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_1810"
down_revision = "2026_11_22_1000"

CONFIRMED = sa.text("confirmed_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("members") as table:
        table.drop_constraint(op.f("uq_members_email"), type_="unique")
        table.create_index(table.f("ix_members_email"), ["email"])
        table.create_index(
            "uq_members_email_confirmed", ["email"], unique=True, sqlite_where=CONFIRMED, postgresql_where=CONFIRMED
        )


def downgrade() -> None:
    members = sa.table("members", sa.column("id"), sa.column("email"), sa.column("confirmed_at"))
    other = members.alias()
    newer_or_confirmed = sa.or_(other.c.confirmed_at.is_not(None), other.c.id > members.c.id)
    op.execute(
        members.delete().where(
            members.c.confirmed_at.is_(None),
            sa.exists().where(other.c.email == members.c.email, other.c.id != members.c.id, newer_or_confirmed),
        )
    )
    with op.batch_alter_table("members") as table:
        table.drop_index("uq_members_email_confirmed", sqlite_where=CONFIRMED, postgresql_where=CONFIRMED)
        table.drop_index(table.f("ix_members_email"))
        table.create_unique_constraint(op.f("uq_members_email"), ["email"])
