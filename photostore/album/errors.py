"""Refusals of the album room."""

from photostore.album.roles import Action
from photostore.shared.errors import Conflict, Forbidden, Invalid, NotFound


class AlbumNotFound(NotFound):
    title = "There is no such album."


class AlbumInvalid(Invalid):
    title = "The album's data does not validate."


class AlbumFindsByQuery(Conflict):
    title = "The album's photos are found by its query, not put there by hand."


class AlbumFilledByHand(Conflict):
    title = "The album's photos are put there by hand, not found by a query."


class TooManyMembers(Conflict):
    title = "The album has as many members as it can."


class RoleForbids(Forbidden):
    """A member whose role does not allow it."""

    title = Forbidden.title
    problem = "forbidden"

    def __init__(self, action: Action) -> None:
        super().__init__(f"Your role in the album does not let you {action}.")
