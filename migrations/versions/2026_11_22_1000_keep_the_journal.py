"""A journal that can be rewritten proves nothing: the database itself refuses to change or remove a line of it."""

from alembic import op

revision = "2026_11_22_1000"
down_revision = "2026_11_22_0950"

# The one exception is a member who leaves: the line stays, their name goes.
KEPT = ("id", "at", "action", "case_id", "post_id", "thread_id", "rule", "before", "after")
WORDS = "the journal is only ever added to"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in KEPT)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        other = f"WHEN NOT (NEW.actor_id IS NULL AND {same})"
        op.execute(f"CREATE TRIGGER journal_update BEFORE UPDATE ON journal {other} {refuse}")
        op.execute(f"CREATE TRIGGER journal_delete BEFORE DELETE ON journal {refuse}")
        return
    rows = (", ".join(f'{row}."{column}"' for column in KEPT) for row in ("NEW", "OLD"))
    same = " IS NOT DISTINCT FROM ".join(f"ROW({columns})" for columns in rows)
    op.execute(
        "CREATE FUNCTION keep_the_journal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'UPDATE' THEN IF NEW.actor_id IS NULL AND {same} THEN RETURN NEW; END IF; END IF;"
        f" RAISE EXCEPTION '{WORDS}'; END $$"
    )
    keep = "EXECUTE FUNCTION keep_the_journal()"
    op.execute(f"CREATE TRIGGER journal_rows BEFORE UPDATE OR DELETE ON journal FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER journal_whole BEFORE TRUNCATE ON journal {keep}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_delete")
        op.execute("DROP TRIGGER journal_update")
        return
    op.execute("DROP TRIGGER journal_whole ON journal")
    op.execute("DROP TRIGGER journal_rows ON journal")
    op.execute("DROP FUNCTION keep_the_journal()")
