"""What decoding finds out: renditions, metadata, fingerprints; and media URLs that are taken back."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Photos that are there already stay ready, without renditions: `photostore renditions rebuild --missing` makes them.
UP = """
ALTER TABLE photos
    ADD COLUMN failure text,
    ADD COLUMN camera jsonb,
    ADD COLUMN latitude double precision,
    ADD COLUMN longitude double precision,
    ADD COLUMN altitude_m double precision,
    ADD COLUMN placeholder bytea,
    ADD COLUMN renditions jsonb NOT NULL DEFAULT '[]',
    -- how often decoding was begun, so that a picture which takes the machine with it is not tried for ever
    ADD COLUMN decode_attempts smallint NOT NULL DEFAULT 0,
    -- the version that people last changed: what decoding changed since makes no edit stale
    ADD COLUMN edited_version integer NOT NULL DEFAULT 1,
    -- whether people said when it was taken: then its metadata do not
    ADD COLUMN taken_at_edited boolean NOT NULL DEFAULT false;
UPDATE photos SET edited_version = version;
CREATE INDEX photos_processing ON photos (owner_id) WHERE status = 'processing';

-- perceptual is 64 bits, signed as Postgres has it; pictures are near when any of its four bands of 16 bits is nearly equal
CREATE TABLE photo_fingerprints (
    owner_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    pixels bytea NOT NULL,
    perceptual bigint NOT NULL,
    PRIMARY KEY (owner_id, photo_id),
    FOREIGN KEY (owner_id, photo_id) REFERENCES photos ON DELETE CASCADE
);
CREATE INDEX photo_fingerprints_pixels ON photo_fingerprints (owner_id, pixels);
CREATE INDEX photo_fingerprints_band_0 ON photo_fingerprints (owner_id, (perceptual & 65535));
CREATE INDEX photo_fingerprints_band_1 ON photo_fingerprints (owner_id, ((perceptual >> 16) & 65535));
CREATE INDEX photo_fingerprints_band_2 ON photo_fingerprints (owner_id, ((perceptual >> 32) & 65535));
CREATE INDEX photo_fingerprints_band_3 ON photo_fingerprints (owner_id, ((perceptual >> 48) & 65535));

-- images that someone asked for and that are not made yet, or could not be made; an hour of it is kept
CREATE TABLE wanted_images (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    blob_key text NOT NULL,
    asked_at timestamptz NOT NULL,
    failure text,
    PRIMARY KEY (owner_id, blob_key)
);
CREATE INDEX wanted_images_asked ON wanted_images (asked_at);

-- subjects of media URLs (a picture, or whom they were signed for) that serve nothing any more, as long as such URLs live
CREATE TABLE media_revocations (
    subject text PRIMARY KEY,
    revoked boolean NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX media_revocations_changed ON media_revocations (changed_at);
"""

DOWN = """
DROP TABLE media_revocations;
DROP TABLE wanted_images;
DROP INDEX photos_processing;
DROP TABLE photo_fingerprints;
ALTER TABLE photos
    DROP COLUMN taken_at_edited,
    DROP COLUMN edited_version,
    DROP COLUMN decode_attempts,
    DROP COLUMN renditions,
    DROP COLUMN placeholder,
    DROP COLUMN altitude_m,
    DROP COLUMN longitude,
    DROP COLUMN latitude,
    DROP COLUMN camera,
    DROP COLUMN failure;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().removesuffix(";").split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().removesuffix(";").split(";\n"):
        op.execute(statement)
