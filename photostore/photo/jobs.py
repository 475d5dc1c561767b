"""The jobs of the room, and which of those that decode pictures go first."""

DECODE_PHOTO = "decode_photo"
MAKE_IMAGE = "make_image"
EMPTY_TRASH = "empty_trash"

# Somebody looks at the place where it is to appear; others wait for what they have just uploaded; whatever is done again
# for an old library comes after everything that anybody waits for.
WAITED_FOR, NEW_UPLOAD, BACKFILL = 20, 10, -10
