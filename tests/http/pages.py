"""An HTML page as a test looks at it."""

from html.parser import HTMLParser

import httpx

Attributes = dict[str, str]


class Page(HTMLParser):
    """What a page says, what it asks for, and whether it runs or styles anything by itself."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.headers = answer.headers
        self.html = answer.text
        self.inline = False
        self._tags: list[tuple[str, Attributes]] = []
        self._texts: list[tuple[str, str]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._tags.append((tag, told))
        self.inline |= (tag == "script" and "src" not in told) or tag == "style"
        self.inline |= any(name.startswith("on") or name == "style" for name in told)

    def handle_data(self, data: str) -> None:
        if self._tags and data.strip():
            self._texts.append((self._tags[-1][0], data.strip()))

    def tags(self, name: str) -> list[Attributes]:
        return [attributes for tag, attributes in self._tags if tag == name]

    def tag(self, name: str) -> Attributes:
        """The first of them."""
        return self.tags(name)[0]

    def meta(self, name: str) -> str | None:
        return next((each["content"] for each in self.tags("meta") if each.get("property") == name), None)

    def text_of(self, name: str) -> str | None:
        return next((text for tag, text in self._texts if tag == name), None)

    @property
    def text(self) -> str:
        return " ".join(text for _, text in self._texts)

    @property
    def ids(self) -> list[str]:
        """Of the photos that it shows."""
        return [each["data-id"] for each in self.tags("li") if "data-id" in each]

    @property
    def urls(self) -> list[str]:
        asked = [each[name] for _, each in self._tags for name in ("src", "href", "action") if each.get(name)]
        listed = [
            part.split()[0] for _, each in self._tags for part in each.get("srcset", "").split(",") if part.strip()
        ]
        return asked + listed
