"""`/trash`: empty it. What is in it is listed, restored and deleted below `/photos`."""

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller

from photostore.photo.commands.empty_trash import EmptyTrash
from photostore.shared.errors import ConcurrentUpdate
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete


class TrashController(Controller):
    path = "/trash"
    tags = ("photos",)

    @delete(
        operation_id="EmptyTrash",
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses=refusals(InvalidToken, InsufficientScope, ConcurrentUpdate),
    )
    @inject
    async def empty(self, actor: FromDishka[Actor], empty_trash: FromDishka[EmptyTrash]) -> None:
        """All of it, for good. Of more than 500 photos the rest goes by a job, some seconds later."""
        await empty_trash(actor=actor.user_id)
