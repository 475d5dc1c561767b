"""What of the change feeds is still to be published on Redis."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = """
-- written with the change itself, where Redis is set, and deleted when it was published; it refers to nothing, since a change
-- is to be told even when it was compacted, or its owner erased, meanwhile
CREATE TABLE change_outbox (
    owner_id uuid NOT NULL,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    event text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)
"""

DOWN = """
DROP TABLE change_outbox
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(UP)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
