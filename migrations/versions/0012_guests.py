"""What guests of share links send, and what they choose."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UP = """
-- what was accepted is counted beside the version, as views are
ALTER TABLE share_links
    ADD COLUMN allow_selection boolean NOT NULL DEFAULT true,
    ADD COLUMN uploads bigint NOT NULL DEFAULT 0,
    ADD COLUMN upload_bytes bigint NOT NULL DEFAULT 0;

-- the link may be gone while what came through it is still there: so nothing refers to it
CREATE TABLE submissions (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    link_id uuid NOT NULL,
    album_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    -- false where the owner had a photo of the same bytes
    made_photo boolean NOT NULL,
    guest_name text,
    filename text NOT NULL,
    title text,
    byte_size bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, photo_id) REFERENCES photos ON DELETE CASCADE
);
CREATE INDEX submissions_of_link ON submissions (owner_id, link_id, id);
CREATE INDEX submissions_of_photo ON submissions (owner_id, photo_id);

CREATE TABLE selections (
    owner_id uuid NOT NULL,
    link_id uuid NOT NULL,
    submitted_at timestamptz,
    guest_name text,
    note text,
    version bigint NOT NULL,
    PRIMARY KEY (owner_id, link_id),
    FOREIGN KEY (owner_id, link_id) REFERENCES share_links ON DELETE CASCADE
);

-- photos can be other owners' in an album, so that nothing refers to them: what the link shows no longer is not read
CREATE TABLE selection_marks (
    owner_id uuid NOT NULL,
    link_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    favorite boolean NOT NULL,
    comment text,
    PRIMARY KEY (owner_id, link_id, photo_id),
    FOREIGN KEY (owner_id, link_id) REFERENCES selections ON DELETE CASCADE
)
"""

DOWN = """
DROP TABLE selection_marks, selections, submissions;
UPDATE album_photos SET submission_id = NULL WHERE submission_id IS NOT NULL;
ALTER TABLE share_links DROP COLUMN allow_selection, DROP COLUMN uploads, DROP COLUMN upload_bytes
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().split(";\n"):
        op.execute(statement)
