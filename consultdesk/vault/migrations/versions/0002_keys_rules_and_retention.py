"""The key file's mark, rules everyone may read, legal holds and erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables that a store of the first kind lacks."""
    op.create_table(
        "header_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mac", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_header_mark")),
        info={"owner": ""},
    )
    op.create_table(
        "house_rule",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_rule")),
        info={"owner": ""},
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lifts", sa.Text(), nullable=True),
        sa.Column("by", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.Text(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_legal_hold_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["lifts"],
            ["legal_hold.id"],
            name=op.f("fk_legal_hold_lifts"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        info={"owner": ""},
    )
    op.create_index(op.f("ix_legal_hold_patient_id"), "legal_hold", ["patient_id"], unique=False)
    op.create_table(
        "erasure",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        info={"owner": ""},
    )
    op.create_index(op.f("ix_erasure_patient_id"), "erasure", ["patient_id"], unique=False)
