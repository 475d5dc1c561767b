"""What the page says, in the language that a visitor's browser asks for. `texts/` holds one file a language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

DEFAULT_LANGUAGE = "en"
# What the scripts of the page say by themselves; the rest stands in the page.
_SCRIPTED = (
    "choose_photo",
    "chosen_one",
    "chosen_other",
    "comment_saved",
    "favorites_one",
    "favorites_other",
    "gone_meanwhile",
    "network_failed",
    "photo",
    "upload_done",
    "upload_failed",
    "upload_going",
    "upload_interrupted",
    "upload_not_an_image",
    "upload_refused",
    "upload_remove",
    "upload_retry",
    "upload_too_large",
    "upload_waiting",
)


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts in one language. One that the language lacks is told in English."""

    said: Mapping[str, str]

    @property
    def language(self) -> str:
        return self.said["language"]

    @property
    def direction(self) -> str:
        return self.said["direction"]

    def say(self, key: str, **values: object) -> str:
        return self.said[key].format(**values)

    def count(self, key: str, count: int) -> str:
        """`key_one` or `key_other`, with the number in it."""
        return self.say(f"{key}_one" if count == 1 else f"{key}_other", count=count)

    def scripted(self) -> str:
        """For the scripts of the page, as JSON."""
        return msgspec.json.encode({key: self.said[key] for key in _SCRIPTED}).decode()


class Languages:
    """The languages of a folder, each a file named by its tag: `en.json`, `ar.json`."""

    def __init__(self, folders: Iterable[Traversable]) -> None:
        read = {
            file.name.removesuffix(".json").lower(): msgspec.json.decode(file.read_bytes(), type=dict[str, str])
            for folder in folders
            for file in folder.iterdir()
            if file.name.endswith(".json")
        }
        english = read[DEFAULT_LANGUAGE]
        self._texts = {tag: Texts({**english, **said}) for tag, said in read.items()}

    def best(self, accept_language: str) -> Texts:
        """By `Accept-Language` (RFC 9110, 12.5.4): the language itself, or the one that it is a variety of."""
        for tag in _preferred(accept_language):
            while tag:
                if tag in self._texts:
                    return self._texts[tag]
                tag = tag.rpartition("-")[0]  # noqa: PLW2901  # pt-br, then pt
        return self._texts[DEFAULT_LANGUAGE]


def _preferred(accept_language: str) -> list[str]:
    """The tags, the most wanted first."""
    weighed: list[tuple[float, str]] = []
    for part in accept_language.lower().split(",")[:20]:
        tag, _, parameter = (each.strip() for each in part.partition(";"))
        weighed.append((_weight(parameter), tag))
    weighed.sort(key=lambda each: -each[0])
    return [tag for weight, tag in weighed if weight > 0]


def _weight(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q=")) if parameter else 1.0
    except ValueError:
        return 0.0


@cache
def languages() -> Languages:
    """Those that come with the service."""
    return Languages([files(__package__) / "texts"])
