"""`/photos`: upload, list, read, edit, tag, delete; and the original's bytes."""

from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from photostore.album.commands.list_photos import ListPhotos
from photostore.album.errors import AlbumNotFound
from photostore.hashtag.errors import NotAHashtag
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.tag_photo import TagPhoto
from photostore.photo.commands.untag_photo import UntagPhoto
from photostore.photo.errors import PhotoInvalid, PhotoNotFound, PreviouslyDeleted
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort, PhotoView
from photostore.quota.errors import QuotaExceeded
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import AlbumId, PhotoId
from photostore.shared.media import MediaUrls
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.errors import (
    ChecksumMismatch,
    UploadInterrupted,
    UploadInvalid,
    UploadStalled,
    UploadTooLarge,
)
from photostore.upload.pictures import UnsupportedImage
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import holding
from photostore_http.conditions import etag, expected_version, is_unchanged, refuses_deleted
from photostore_http.declaring import ETAG, LINK, LOCATION, UNCHANGED, FormOperation
from photostore_http.digests import REPR_DIGEST, told_sha256
from photostore_http.forms import FormLimits, FormReader, NotAForm
from photostore_http.moments import in_utc
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    link_next,
)
from photostore_http.photo_requests import (
    EditPhotoRequest,
    Favorite,
    Hashtags,
    Id,
    InAlbumId,
    SearchText,
    Sort,
    Status,
    TagName,
    TakenAfter,
    TakenBefore,
    Trashed,
    cursor_of,
    edit_of,
    position_of,
    wanted_hashtags,
)
from photostore_http.photo_responses import Photo, photo_in_album, photo_of, view_of_uploaded
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, patch, post, put

AnyRequest = Request[Any, Any, Any]


_READ = refusals(InvalidToken, InsufficientScope)
_ONE = refusals(InvalidToken, InsufficientScope, PhotoNotFound)


class PhotoController(Controller):
    path = "/photos"
    tags = ("photos",)

    @post(
        operation_id="UploadPhoto",
        guards=[holding(Scope.PHOTOS_WRITE)],
        request_max_body_size=None,
        opt={"door": "form", "body": "form"},
        operation_class=FormOperation,
        response_headers=[LOCATION, ETAG],
        responses={
            HTTP_200_OK: ResponseSpec(Photo, description="The owner has these bytes already.", generate_examples=False),
            **refusals(
                NotAForm,
                BadParameter,
                InvalidToken,
                InsufficientScope,
                UploadInterrupted,
                UploadStalled,
                UploadTooLarge,
                UnsupportedImage,
                UploadInvalid,
                ChecksumMismatch,
                PhotoInvalid,
                NotAHashtag,
                QuotaExceeded,
                PreviouslyDeleted,
                BlobStoreUnavailable,
                ConcurrentUpdate,
            ),
        },
    )
    @inject
    async def upload(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        upload_form: FromDishka[UploadForm],
        limits: FromDishka[FormLimits],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Response[Photo]:
        """Send a picture as a form. The same bytes again answer 200 with the photo that is there, in the trash or not."""
        uploaded = await upload_form(
            actor=actor.user_id,
            form=FormReader(request, limits),
            refuse_deleted=refuses_deleted(request),
            sha256=told_sha256(request, REPR_DIGEST),
        )
        view = await view_of_uploaded(uploaded, photos, owner=actor.user_id)
        photo = photo_of(view, urls, urls.expiry(clock.now()), duplicate=uploaded.duplicate)
        request.scope["uploaded_bytes"] = 0 if uploaded.duplicate else view.byte_size  # type: ignore[typeddict-unknown-key]
        headers = {"Location": f"/api/v1/photos/{view.id}", "ETag": etag(view.version)}
        return Response(photo, status_code=200 if uploaded.duplicate else 201, headers=headers)

    @get(
        operation_id="ListPhotos",
        guards=[holding(Scope.PHOTOS_READ)],
        response_headers=[LINK],
        responses={**_READ, **refusals(BadCursor, BadParameter, AlbumNotFound)},
    )
    @inject
    async def list_photos(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        list_photos: FromDishka[ListPhotos],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
        hashtag: Hashtags = None,
        q: SearchText = None,
        favorite: Favorite = None,
        taken_after: TakenAfter = None,
        taken_before: TakenBefore = None,
        status: Status = None,
        trashed: Trashed = False,
        album_id: InAlbumId = None,
        sort: Sort = PhotoSort.NEWEST,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Photo]]:
        """The caller's photos; with `album_id` everybody's in that album. All filters that are given must hold; `hashtag` may
        repeat.

        Photos in the trash show with `trashed` alone, the caller's own. `album_id` needs the scope `albums:read`, too.
        """
        if album_id is not None:
            actor.demand(Scope.ALBUMS_READ)
        wanted = PhotoFilter(
            hashtags=wanted_hashtags(hashtag),
            text=q or None,
            favorite=favorite,
            taken_from=taken_after and in_utc(taken_after),
            taken_before=taken_before and in_utc(taken_before),
            status=status,
            trashed=trashed,
        )
        listed = await list_photos(
            actor=actor.user_id,
            filter=wanted,
            album_id=None if album_id is None else AlbumId(album_id),
            sort=sort,
            after=position_of(cursor, sort),
            limit=limit,
        )
        page, expires_at = listed.page, urls.expiry(clock.now())
        next_cursor = cursor_of(page.next, sort) if page.next else None
        if listed.audience is None:
            items = [photo_of(view, urls, expires_at) for view in page.items]
        else:
            reader, audience = actor.user_id, listed.audience
            items = [photo_in_album(view, urls, expires_at, reader=reader, audience=audience) for view in page.items]
        return Response(Page(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))

    @get(
        "/{photo_id:uuid}",
        operation_id="GetPhoto",
        guards=[holding(Scope.PHOTOS_READ)],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **_ONE},
    )
    @inject
    async def get_one(
        self,
        request: AnyRequest,
        photo_id: Id,
        actor: FromDishka[Actor],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Response[Photo]:
        """With fresh URLs of its bytes."""
        view = await photos.get(PhotoId(photo_id), owner=actor.user_id)
        return _one(request, view, urls, clock)

    @patch(
        "/{photo_id:uuid}",
        operation_id="EditPhoto",
        guards=[holding(Scope.PHOTOS_WRITE)],
        response_headers=[ETAG],
        responses={**_ONE, **refusals(PreconditionFailed, PhotoInvalid, NotAHashtag, ConcurrentUpdate)},
    )
    @inject
    async def edit(
        self,
        request: AnyRequest,
        photo_id: Id,
        data: JSONBody[EditPhotoRequest],
        actor: FromDishka[Actor],
        edit_photo: FromDishka[EditPhoto],
        photos: FromDishka[PhotoQueries],
        urls: FromDishka[MediaUrls],
        clock: FromDishka[Clock],
    ) -> Response[Photo]:
        """A JSON merge patch; `If-Match` guards against overwriting what someone else changed."""
        await edit_photo(
            actor=actor.user_id,
            photo_id=PhotoId(photo_id),
            edit=edit_of(data),
            expected_version=expected_version(request),
        )
        view = await photos.get(PhotoId(photo_id), owner=actor.user_id)
        photo = photo_of(view, urls, urls.expiry(clock.now()))
        return Response(photo, headers={"ETag": etag(view.version)})

    @delete(
        "/{photo_id:uuid}",
        operation_id="DeletePhoto",
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses={**_ONE, **refusals(PreconditionFailed, ConcurrentUpdate)},
    )
    @inject
    async def remove(
        self,
        request: AnyRequest,
        photo_id: Id,
        actor: FromDishka[Actor],
        delete_photo: FromDishka[DeletePhoto],
    ) -> None:
        """Gone for good, from the database and the blob store, in the trash or not."""
        await delete_photo(actor=actor.user_id, photo_id=PhotoId(photo_id), expected_version=expected_version(request))

    @put(
        "/{photo_id:uuid}/hashtags/{name:str}",
        operation_id="TagPhoto",
        status_code=204,
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses={**_ONE, **refusals(PreconditionFailed, NotAHashtag, PhotoInvalid, ConcurrentUpdate)},
    )
    @inject
    async def tag(
        self,
        request: AnyRequest,
        photo_id: Id,
        name: TagName,
        actor: FromDishka[Actor],
        tag_photo: FromDishka[TagPhoto],
    ) -> None:
        """Tagged already is fine."""
        await tag_photo(
            actor=actor.user_id,
            photo_id=PhotoId(photo_id),
            name=name,
            expected_version=expected_version(request),
        )

    @delete(
        "/{photo_id:uuid}/hashtags/{name:str}",
        operation_id="UntagPhoto",
        guards=[holding(Scope.PHOTOS_WRITE)],
        responses={**_ONE, **refusals(PreconditionFailed, NotAHashtag, ConcurrentUpdate)},
    )
    @inject
    async def untag(
        self,
        request: AnyRequest,
        photo_id: Id,
        name: TagName,
        actor: FromDishka[Actor],
        untag_photo: FromDishka[UntagPhoto],
    ) -> None:
        """Not tagged is fine."""
        await untag_photo(
            actor=actor.user_id,
            photo_id=PhotoId(photo_id),
            name=name,
            expected_version=expected_version(request),
        )


def _one(request: AnyRequest, view: PhotoView, urls: MediaUrls, clock: Clock) -> Response[Photo]:
    headers = {"ETag": etag(view.version)}
    if is_unchanged(request, view.version):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(photo_of(view, urls, urls.expiry(clock.now())), headers=headers)
