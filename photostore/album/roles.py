"""Who may do what with an album: one table."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to an album. Strangers have none."""

    OWNER = "owner"
    EDITOR = "editor"
    CONTRIBUTOR = "contributor"
    VIEWER = "viewer"


# What a member can be: everything but the owner.
MEMBER_ROLES = (Role.EDITOR, Role.CONTRIBUTOR, Role.VIEWER)


class Action(StrEnum):
    """What can be done with an album; the values complete "you may not ...". Photos of one's own can be added alone."""

    READ = "see the album"
    ADD_PHOTOS = "add photos to the album"
    REMOVE_OWN_PHOTOS = "take photos of your own from the album"
    REMOVE_ANY_PHOTO = "take photos of others from the album"
    EDIT = "edit the album"
    ORDER = "order the album's photos"
    CHOOSE = "change which photos the album finds"
    SHARE = "share the album"
    DELETE = "delete the album"


_READS = frozenset({Action.READ})
_CONTRIBUTES = _READS | {Action.ADD_PHOTOS, Action.REMOVE_OWN_PHOTOS}
_EDITS = _CONTRIBUTES | {Action.REMOVE_ANY_PHOTO, Action.EDIT, Action.ORDER}
# What a query finds are the owner's photos, which nobody else can show to others.
_OWNS = _EDITS | {Action.CHOOSE, Action.SHARE, Action.DELETE}

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.VIEWER: _READS,
    Role.CONTRIBUTOR: _CONTRIBUTES,
    Role.EDITOR: _EDITS,
    Role.OWNER: _OWNS,
}
