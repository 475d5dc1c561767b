"""Further stores of originals: what is to be done in each, and how each is."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UP = """
-- what has not been done yet: done, a row goes. Those of deleted photos outlive photo and owner, so nothing refers to either
CREATE TABLE replica_tasks (
    owner_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    store text NOT NULL,
    action text NOT NULL CHECK (action IN ('copy', 'mend', 'delete')),
    -- where what is to be deleted lies; of all else the photo knows
    blob_key text CHECK (blob_key IS NOT NULL OR action <> 'delete'),
    created_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    failure text,
    PRIMARY KEY (owner_id, photo_id, store)
);
CREATE INDEX replica_tasks_due ON replica_tasks (store, due_at);

CREATE TABLE replicas (
    store text PRIMARY KEY,
    -- since when it bears the mark of this installation
    adopted_at timestamptz,
    -- the walk over all photos: where it is, how many it has looked at, when the last one began, and one last ended
    walked_owner_id uuid,
    walked_photo_id uuid,
    walked bigint NOT NULL DEFAULT 0,
    walking boolean NOT NULL DEFAULT false,
    walk_began_at timestamptz,
    walk_ended_at timestamptz,
    -- when someone last looked after it
    seen_at timestamptz NOT NULL,
    failing_since timestamptz,
    failures integer NOT NULL DEFAULT 0,
    failure text,
    retry_at timestamptz
)
"""

DOWN = "DROP TABLE replica_tasks, replicas"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
