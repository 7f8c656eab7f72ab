"""What Alembic runs: every step that is missing, on the connection and in the transaction that it was handed."""

from alembic import context

from storage.tables import METADATA

# The caller holds the transaction, so that a run that is cut short leaves the old schema: see storage.migrate.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
)
context.run_migrations()
