"""Share links, what is shared by them, and what happens through them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UP = """
-- a token is stored as its digest, to be found by, and sealed with a key that is not here, to be told to its owner
CREATE TABLE share_links (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL,
    token_digest bytea NOT NULL,
    sealed_token text NOT NULL,
    album_id uuid,
    name text,
    password_hash text,
    expires_at timestamptz,
    allow_download boolean NOT NULL,
    allow_upload boolean NOT NULL,
    hide_metadata boolean NOT NULL,
    max_views bigint,
    max_uploads bigint,
    max_upload_bytes bigint,
    review boolean NOT NULL,
    disabled boolean NOT NULL,
    generation bigint NOT NULL,
    -- counted beside the version: looking at a share changes nothing that its owner edits
    views bigint NOT NULL DEFAULT 0,
    used_up_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, album_id) REFERENCES albums ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX share_links_by_token ON share_links (token_digest);
CREATE INDEX share_links_of_album ON share_links (owner_id, album_id) WHERE album_id IS NOT NULL;

CREATE TABLE share_link_photos (
    owner_id uuid NOT NULL,
    link_id uuid NOT NULL,
    position bigint NOT NULL,
    photo_id uuid NOT NULL,
    PRIMARY KEY (owner_id, link_id, position),
    FOREIGN KEY (owner_id, link_id) REFERENCES share_links ON DELETE CASCADE,
    FOREIGN KEY (owner_id, photo_id) REFERENCES photos ON DELETE CASCADE
);
CREATE UNIQUE INDEX share_links_of_photo ON share_link_photos (owner_id, photo_id, link_id);

CREATE TABLE share_link_days (
    owner_id uuid NOT NULL,
    link_id uuid NOT NULL,
    day date NOT NULL,
    views bigint NOT NULL DEFAULT 0,
    visitors bigint NOT NULL DEFAULT 0,
    downloads bigint NOT NULL DEFAULT 0,
    uploads bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (owner_id, link_id, day),
    FOREIGN KEY (owner_id, link_id) REFERENCES share_links ON DELETE CASCADE
) WITH (fillfactor = 50);

-- who was there today: a digest with the day's salt; both are thrown away when the day is over
CREATE TABLE share_link_visitors (
    owner_id uuid NOT NULL,
    link_id uuid NOT NULL,
    day date NOT NULL,
    visitor bytea NOT NULL,
    PRIMARY KEY (owner_id, link_id, day, visitor),
    FOREIGN KEY (owner_id, link_id) REFERENCES share_links ON DELETE CASCADE
);
CREATE INDEX share_link_visitors_by_day ON share_link_visitors (day);
CREATE TABLE share_link_salts (
    day date PRIMARY KEY,
    salt bytea NOT NULL
)
"""

DOWN = """
DROP TABLE share_link_salts, share_link_visitors, share_link_days, share_link_photos, share_links
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
