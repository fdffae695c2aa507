"""A store is known by its shape, so a shape changes together with a migration or not at all."""

import hashlib

from consultdesk.vault import schema

TRIGGERS = {"0002": "69faaa4a009540b45cd72af8394e259393affcf77ee04875d5e16c20f5d9f0ca"}
"""SHA-256 (hex) of the triggers that stores of the newest migration have.

A store of that migration with others stays closed. Once a version has been given away, whoever
changes gate.sql adds a migration (it may be empty: every migration makes the triggers anew) and
puts the new pair here.
"""


def test_the_triggers_change_with_a_migration_only() -> None:
    said = "\0".join(schema.trigger_statements())
    assert {schema.HEAD: hashlib.sha256(said.encode()).hexdigest()} == TRIGGERS
