"""Follow a link."""

from dataclasses import dataclass

from photostore.share_link.gate import Share, Unlocked, admit
from photostore.share_link.ports import ShareFileUrls, ShareUnlocks
from photostore.share_link.queries import SharedLink, ShareQueries
from photostore.share_link.tokens import token_digest
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """A photo's original that is asked for by a URL of ours, with the URL's query."""

    photo_id: PhotoId
    query: str


@dataclass(frozen=True, slots=True)
class EnterShare:
    """`bearer` is what unlocking gave; a `signed` URL stands for it. Raise `ShareNotFound`, `ShareExpired`,
    `ShareViewsUsedUp` or `PasswordRequired`."""

    shares: ShareQueries
    unlocks: ShareUnlocks
    file_urls: ShareFileUrls
    clock: Clock

    async def __call__(self, *, token: str, bearer: str | None, signed: SignedFile | None = None) -> Share:
        link = await self.shares.find(token_digest(token))
        now = self.clock.now()
        unlocked = self._signed_for(link, signed)
        if unlocked is None and bearer is not None:
            unlocked = self.unlocks.read(bearer, now=now)
        return admit(link, now=now, unlocked=unlocked)

    def _signed_for(self, link: SharedLink | None, signed: SignedFile | None) -> Unlocked | None:
        if link is None or signed is None:
            return None
        unlocked = Unlocked(link_id=link.id, generation=link.generation)
        good = self.file_urls.is_signed(unlocked, signed.photo_id, signed.query, now=self.clock.now())
        return unlocked if good else None
