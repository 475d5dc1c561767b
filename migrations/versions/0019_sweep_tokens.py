"""Which sweeps of the blob store were this database's: one that was restored from a backup does not know the last."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UP = """
-- kept for good, some thousands a year: a store may be away for long
CREATE TABLE sweep_tokens (
    token uuid PRIMARY KEY,
    issued_at timestamptz NOT NULL DEFAULT now()
)
"""

DOWN = """
DROP TABLE sweep_tokens
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(UP)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
