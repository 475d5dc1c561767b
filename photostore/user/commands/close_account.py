"""Say goodbye: the account is gone at once for everyone, and a job erases what it had."""

from dataclasses import dataclass

from photostore.share_link.ports import ShareLinkRepository
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.user.ports import SessionRepository, UserRepository
from photostore.user.queries import LiveCredentials
from photostore.webhook.ports import WebhookRepository


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Nobody can sign in any more when this returns; the address and the identity are free again."""

    users: UserRepository
    sessions: SessionRepository
    links: ShareLinkRepository
    webhooks: WebhookRepository
    live_credentials: LiveCredentials
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, expected_version: ExpectedVersion = ANY_VERSION) -> None:
        async with self.unit_of_work:
            user = await self.users.get(actor)
            expected_version.demand(user.version)
            user.erase(now=self.clock.now())
            await self.users.save(user)
            await self.sessions.revoke_all(actor, but=None, now=self.clock.now())
            await self.links.end_all(actor, now=self.clock.now())
            await self.webhooks.remove_all(actor)
        self.live_credentials.forget(actor)
