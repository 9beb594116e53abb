"""Runs the migrations on the database that the settings name, or on the connection that a caller hands over."""

from alembic import context

from app.kit.db import Base, Database
from app.kit.settings import Settings
from app.tables import all_tables

assert all_tables  # importing it makes every table known to `Base.metadata`


def run(connection: object) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite cannot alter in place
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(Settings().database_url)
    with database.engine.connect() as connection:
        run(connection)
        connection.commit()
    database.close()
