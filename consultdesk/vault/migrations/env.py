"""How Alembic reaches the store: by the open connection it is handed, never by an address."""

from alembic import context

from consultdesk.vault.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds migration and triggers together
)
context.run_migrations()
