"""A store is known by its shape, so a shape changes together with a migration or not at all."""

import hashlib

from consultdesk.vault import schema

TRIGGERS = {"0002": "0dd1689e2df92d2a279ec19561a72bd58708bf821c9b2bb5ad87c625a546fa3d"}
"""SHA-256 (hex) of the triggers that stores of the newest migration have.

A store of that migration with others stays closed. Once a version has been given away, whoever
changes gate.sql adds a migration (it may be empty: every migration makes the triggers anew) and
puts the new pair here.
"""


def test_the_triggers_change_with_a_migration_only() -> None:
    said = "\0".join(schema.trigger_statements())
    assert {schema.HEAD: hashlib.sha256(said.encode()).hexdigest()} == TRIGGERS
