"""What Google Takeout writes beside the photos: documents, and names that its limits cut off."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from photostore.album.details import NAME_LIMIT
from photostore.photo.details import DESCRIPTION_LIMIT
from photostore.photo.photo import FIRST_YEAR, LAST_YEAR
from photostore.transfer.told import Told, ToldAlbum, text_in

JSON = ".json"
_SUPPLEMENT = ".supplemental-metadata"
# Of a document's name before `.json`, and of a picture's before its extension.
_DOCUMENT_LIMIT, _PICTURE_LIMIT = 46, 47
_COUNTER = re.compile(r"(.*)(\(\d{1,4}\))", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What is added to the name of a picture that was edited, by the language of the account.
_EDITED = (
    *("edited", "bearbeitet", "modifié", "editado", "editada", "modificato", "bewerkt", "edytowane", "redigeret"),
    *("redigerad", "redigert", "muokattu", "upraveno", "upravené", "szerkesztett", "düzenlendi", "düzenlenmiş"),
    *("изменено", "відредаговано", "編集済み", "已编辑", "已修改", "已編輯", "수정됨", "แก้ไขแล้ว", "đã chỉnh sửa"),
)
# What an edited JPEG may have been before.
_EDITED_FROM = ("HEIC", "heic", "JPG", "jpg", "DNG", "dng", "PNG", "png")
# The folders of a year, which are no albums.
_YEARS = re.compile(
    r"(?:photos from|photos de|fotos von|fotos de|fotos del|fotos do ano|foto del|foto dal|foto da|foto's uit"
    r"|zdjęcia z|фото за|фотографии за|foton från|billeder fra|bilder fra|bilder von|kuvat vuodelta|fotky z|fényképek"
    r"|fotografii din|fotoğraflar)?\s*(?:19|20)\d\d(?:\s*年的照片|\s*年の写真|년의 사진|년 사진)?",
    re.IGNORECASE,
)


def is_year_folder(name: str) -> bool:
    return _YEARS.fullmatch(name.strip()) is not None


def is_photo_document(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("photoTakenTime"), Mapping)


def is_album_document(document: Mapping[str, Any]) -> bool:
    """What stands in an album's folder, whatever the language calls the file."""
    return isinstance(document.get("title"), str) and "photoTakenTime" not in document and "url" not in document


def photo_told(document: Mapping[str, Any]) -> Told:
    """What Google knows that the picture itself may not. Where photostore has no such thing it is kept under `custom`."""
    people = document.get("people")
    names = [each.get("name") for each in people if isinstance(each, Mapping)] if isinstance(people, list) else []
    kept: dict[str, object] = {}
    if any(isinstance(name, str) and name for name in names):
        kept["people"] = [name[:200] for name in names if isinstance(name, str) and name][:100]
    if document.get("archived") is True:
        kept["archived"] = True
    if (position := _position_of_google_alone(document)) is not None:
        kept["location"] = position
    return Told(
        filename=text_in(document, "title", 255) or None,
        description=text_in(document, "description", DESCRIPTION_LIMIT) or None,
        favorite=document.get("favorited") is True,
        custom={"takeout": kept} if kept else {},
        taken_at=_moment(document.get("photoTakenTime")),
        trashed=document.get("trashed") is True,
    )


def album_told(document: Mapping[str, Any], folder: str) -> ToldAlbum | None:
    """`folder` is the name of its folder, for albums without a title; `None` for a year's folder."""
    title = (text_in(document, "title", NAME_LIMIT) or "").strip() or folder.strip()[:NAME_LIMIT]
    if not title or is_year_folder(title):
        return None
    return ToldAlbum(name=title, description=text_in(document, "description", 5000) or None)


def _moment(told: object) -> datetime | None:
    value = told.get("timestamp") if isinstance(told, Mapping) else None
    try:
        moment = _EPOCH + timedelta(seconds=int(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    # The very beginning of the epoch is how Google says that it does not know.
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR and moment != _EPOCH else None


def _position_of_google_alone(document: Mapping[str, Any]) -> dict[str, float] | None:
    """One that people gave the photo there: what the picture says itself is read from it."""
    if _position(document.get("geoDataExif")) is not None:
        return None
    return _position(document.get("geoData"))


def _position(told: object) -> dict[str, float] | None:
    if not isinstance(told, Mapping):
        return None
    latitude, longitude = told.get("latitude"), told.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or latitude == longitude == 0:
        return None
    return {"latitude": float(latitude), "longitude": float(longitude)}


@dataclass(frozen=True, slots=True)
class _Name:
    """A name without its ending, and the counter that tells files of the same name apart."""

    base: str
    counter: str


class TakeoutDocuments:
    """The documents of one folder, found by the names of pictures. Names are those of the folder, without a path."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_name: dict[_Name, str] = {}
        for name in sorted(names):
            if name.lower().endswith(JSON):
                base = name[: -len(JSON)]
                self._by_name.setdefault(_Name(base, ""), name)
                if counted := _COUNTER.fullmatch(base):
                    self._by_name.setdefault(_Name(counted[1], counted[2]), name)

    def of(self, picture: str) -> str | None:
        """The document of a picture, or of what it was edited from."""
        names = (
            f"{stem}.{kind}"
            for name in _unedited(picture)
            for stem, _, extension in [name.rpartition(".")]
            for kind in (extension, *_EDITED_FROM)
        )
        return self._of(picture) or next((found for name in names if (found := self._of(name))), None)

    def _of(self, picture: str) -> str | None:
        stem, dot, extension = picture.rpartition(".")
        if not dot:
            stem, extension = picture, ""
        readings = [(stem, "")]
        if counted := _COUNTER.fullmatch(stem):
            readings.insert(0, (counted[1], counted[2]))
        for bare, counter in readings:
            for base in _bases(bare, f"{bare}{dot}{extension}"):
                if found := self._by_name.get(_Name(base, counter)):
                    return found
        return None


def _bases(stem: str, name: str) -> Iterable[str]:
    """What the document of `name` may be called, the surest first."""
    full = name + _SUPPLEMENT
    yield name
    yield full
    # Cut wherever the limit was: the limits count a counter, or do not.
    yield from (full[:length] for length in range(len(full) - 1, len(stem), -1) if length != len(name))
    yield stem
    if len(stem) >= _DOCUMENT_LIMIT:
        yield name[:_DOCUMENT_LIMIT]


def _unedited(picture: str) -> Iterable[str]:
    stem, dot, extension = picture.rpartition(".")
    counter = ""
    if counted := _COUNTER.fullmatch(stem):
        stem, counter = counted[1], counted[2]
    for word in _EDITED:
        mark = f"-{word}"
        if stem.lower().endswith(mark):
            yield f"{stem[: -len(mark)]}{counter}{dot}{extension}"
        elif len(stem) == _PICTURE_LIMIT:
            # The mark itself was cut off.
            for length in range(len(mark) - 1, 1, -1):
                if stem.lower().endswith(mark[:length]):
                    yield f"{stem[:-length]}{counter}{dot}{extension}"
                    break
