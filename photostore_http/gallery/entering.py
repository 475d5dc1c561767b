"""How the page's own requests are let in, and its forms are read."""

from urllib.parse import parse_qs

from dishka import AsyncContainer
from litestar.exceptions import ClientException
from litestar.handlers.base import BaseRouteHandler

from photostore.share_link.commands.enter_share import EnterShare
from photostore.shared.errors import Forbidden
from photostore_http.authentication import Connection
from photostore_http.gallery.answers import AnyRequest
from photostore_http.gallery.own_page import is_own_form, unlocked_by


async def entered_by_cookie(connection: Connection, _: BaseRouteHandler) -> None:
    """As the API's gate, with the unlock in the cookie that the password form sets."""
    container: AsyncContainer = connection.scope["state"]["dishka_container"]
    enter_share = await container.get(EnterShare)
    bearer = unlocked_by(connection.headers.get("cookie", ""))
    connection.scope["state"]["share"] = await enter_share(token=connection.path_params["token"], bearer=bearer)


async def form_of(request: AnyRequest) -> dict[str, list[str]]:
    """What a form of the page's own sends."""
    if not is_own_form(request.headers):
        raise Forbidden("The form was sent by another page.")
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise ClientException("The form is not encoded as the page's are.")
    try:
        return parse_qs((await request.body()).decode(), max_num_fields=10_000)
    except ValueError:
        raise ClientException("The form cannot be read.") from None
