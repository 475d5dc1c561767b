"""`/admin/users`: every account, and what administrators change of one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zlib import crc32

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import UNSET, Struct, UnsetType

from photostore.audit.entry import Origin
from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import UserId
from photostore.shared.unset import UNSET as LEFT_OUT
from photostore.user.accounts import AccountEdit, AccountFilter, AccountQueries, AccountView
from photostore.user.commands.edit_account import EditAccount
from photostore.user.errors import (
    InsufficientScope,
    InvalidToken,
    LastAdministrator,
    OwnAccountKept,
    QuotaInvalid,
    UserNotFound,
)
from photostore_http.authentication import administrator
from photostore_http.conditions import expected_version, names_tag
from photostore_http.declaring import ETAG, LINK, UNCHANGED
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    page_of,
)
from photostore_http.problem_specs import refusals
from photostore_http.routing import get, patch
from photostore_http.storage import Storage

AnyRequest = Request[Any, Any, Any]
_Who = Annotated[UUID, PathParameter(description="The user's id.")]
_Begins = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=254, description="How the address or the name begins, whatever the case."),
]
_Disabled = Annotated[
    bool | None, QueryParameter(description="Only those that are disabled, or only those that are not.")
]
_Admins = Annotated[bool | None, QueryParameter(description="Only administrators, or only others.")]


class Account(Struct, frozen=True, kw_only=True):
    """A user as administrators see them.

    `is_local` tells who signs in with a password. `quota_bytes` is the user's own quota, null where the service's holds;
    `storage.quota_bytes` is what holds. `sessions` are those that live; `last_seen_at` is of those that are still known.
    """

    id: UUID
    email: str | None
    display_name: str | None
    is_admin: bool
    is_local: bool
    quota_bytes: int | None
    storage: Storage
    sessions: int
    last_seen_at: datetime | None
    disabled: bool
    disabled_at: datetime | None
    version: int
    created_at: datetime


class EditAccountRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396). A `quota_bytes` of null is the service's own."""

    quota_bytes: int | None | UnsetType = UNSET
    is_admin: bool | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


def _account(view: AccountView) -> Account:
    storage = Storage(
        quota_bytes=view.quota_in_force,
        used_bytes=view.used_bytes,
        reserved_bytes=view.reserved_bytes,
        originals_bytes=view.originals_bytes,
        renditions_bytes=view.renditions_bytes,
        trash_bytes=view.trash_bytes,
        photo_count=view.photo_count,
    )
    return Account(
        id=view.id,
        email=view.email,
        display_name=view.display_name,
        is_admin=view.is_admin,
        is_local=view.is_local,
        quota_bytes=view.quota_bytes,
        storage=storage,
        sessions=view.sessions,
        last_seen_at=view.last_seen_at,
        disabled=view.disabled_at is not None,
        disabled_at=view.disabled_at,
        version=view.version,
        created_at=view.created_at,
    )


def _answer(request: AnyRequest, view: AccountView) -> Response[Account]:
    """What is counted of the user stands in the tag beside the version: it changes by itself."""
    account = _account(view)
    tag = f'"{view.version}-{crc32(msgspec.json.encode(account)) % 100_000}"'
    headers = {"ETag": tag}
    if request.method == "GET" and names_tag(request, tag):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(account, headers=headers)


def _said(value: Any) -> Any:
    return LEFT_OUT if isinstance(value, UnsetType) else value


class AdminUserController(Controller):
    path = "/admin/users"
    tags = ("admin",)

    @get(
        operation_id="ListAccounts",
        guards=[administrator],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def accounts(
        self,
        request: AnyRequest,
        queries: FromDishka[AccountQueries],
        q: _Begins = None,
        disabled: _Disabled = None,
        is_admin: _Admins = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Account]]:
        """Every account, newest first; all filters that are given hold."""
        after = decode_cursor(cursor, UUID)
        wanted = AccountFilter(text=q, disabled=disabled, is_admin=is_admin)
        views = await queries.list(wanted, after=UserId(after) if after else None, limit=limit + 1)
        return page_of(request, [_account(view) for view in views], limit=limit, position=lambda account: account.id)

    @get(
        "/{user:uuid}",
        operation_id="GetAccount",
        guards=[administrator],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(InvalidToken, InsufficientScope, UserNotFound)},
    )
    @inject
    async def account(self, request: AnyRequest, user: _Who, queries: FromDishka[AccountQueries]) -> Response[Account]:
        """One account, with what it keeps."""
        return _answer(request, await queries.get(UserId(user)))

    @patch(
        "/{user:uuid}",
        operation_id="EditAccount",
        guards=[administrator],
        response_headers=[ETAG],
        responses=refusals(
            InvalidToken,
            InsufficientScope,
            UserNotFound,
            OwnAccountKept,
            LastAdministrator,
            ConcurrentUpdate,
            PreconditionFailed,
            QuotaInvalid,
        ),
    )
    @inject
    async def edit(
        self,
        request: AnyRequest,
        user: _Who,
        data: JSONBody[EditAccountRequest],
        origin: FromDishka[Origin],
        edit_account: FromDishka[EditAccount],
        queries: FromDishka[AccountQueries],
    ) -> Response[Account]:
        """A JSON merge patch. Who is disabled is signed out within 5 s everywhere, and their links open for nobody."""
        edit = AccountEdit(
            quota_bytes=_said(data.quota_bytes), is_admin=_said(data.is_admin), disabled=_said(data.disabled)
        )
        await edit_account(by=origin, user_id=UserId(user), edit=edit, expected_version=expected_version(request))
        return _answer(request, await queries.get(UserId(user)))
