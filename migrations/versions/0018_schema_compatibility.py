"""Which releases can run on this schema: an older one asks before it starts on a newer schema than it knows."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE schema_compatibility (
    -- one row
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- a release can run here that knows this revision; a migration that contracts sets it to its own
    needs text NOT NULL
);
INSERT INTO schema_compatibility (needs) VALUES ('0018')
"""

DOWN = """
DROP TABLE schema_compatibility
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
