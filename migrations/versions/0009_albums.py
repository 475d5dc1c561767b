"""Albums, their members, and the photos in them."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE albums (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    description text,
    cover_photo_id uuid,
    -- what finds the photos, where nobody puts them there
    query jsonb,
    -- how many queries there were before this one
    queries integer NOT NULL DEFAULT 0,
    -- of those put there by hand, the visible ones
    photo_count bigint NOT NULL DEFAULT 0 CHECK (photo_count >= 0),
    last_position bigint NOT NULL DEFAULT 0,
    memberships integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (owner_id, id)
) WITH (fillfactor = 70);

CREATE TABLE album_members (
    owner_id uuid NOT NULL,
    album_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('viewer', 'contributor', 'editor')),
    -- of this membership among all that the album ever had
    number integer NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (owner_id, album_id, user_id),
    FOREIGN KEY (owner_id, album_id) REFERENCES albums ON DELETE CASCADE
);
CREATE INDEX album_members_shared ON album_members (user_id, album_id);

-- photos are their own owners', who need not be the album's: so nothing refers to them, and whoever deletes one deletes these
CREATE TABLE album_photos (
    owner_id uuid NOT NULL,
    album_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    photo_owner_id uuid NOT NULL,
    position bigint NOT NULL,
    added_by uuid,
    added_at timestamptz NOT NULL,
    -- as photos.taken_at says; written together
    taken_at timestamptz,
    -- false while the photo is in the trash
    visible boolean NOT NULL,
    submission_id uuid,
    PRIMARY KEY (owner_id, album_id, photo_id),
    FOREIGN KEY (owner_id, album_id) REFERENCES albums ON DELETE CASCADE
);
CREATE INDEX album_photos_placed ON album_photos (owner_id, album_id, position, photo_id) WHERE visible;
CREATE INDEX album_photos_taken_last
    ON album_photos (owner_id, album_id, coalesce(taken_at, '-infinity'::timestamptz), photo_id) WHERE visible;
CREATE INDEX album_photos_taken_first
    ON album_photos (owner_id, album_id, coalesce(taken_at, 'infinity'::timestamptz), photo_id) WHERE visible;
CREATE INDEX album_photos_of_photo ON album_photos (photo_owner_id, photo_id);

-- albums are shared with people by their address
CREATE INDEX users_address ON users (lower(email)) WHERE email IS NOT NULL;
"""

DOWN = """
DELETE FROM changes WHERE entity = 'album';
DROP INDEX users_address;
DROP TABLE album_photos, album_members, albums
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().removesuffix(";").split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().split(";\n"):
        op.execute(statement)
