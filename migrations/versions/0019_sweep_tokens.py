"""Which sweep of the blob store was the last: a database that was restored from a backup has an older one than the store."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE installation
    ADD COLUMN sweep_number bigint NOT NULL DEFAULT 0,
    -- of the last one, null before the first
    ADD COLUMN sweep_nonce uuid
"""

DOWN = """
ALTER TABLE installation DROP COLUMN sweep_number, DROP COLUMN sweep_nonce
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(UP)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
