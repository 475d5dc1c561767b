"""Make an API key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.ids import ApiKeyId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import ApiKeyRepository
from photostore.user.scopes import scopes
from photostore.user.session import ApiKey, digest
from photostore.user.tokens import API_KEY_SECRET_SIZE, ApiKeyToken


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Answer the key and its token, which cannot be had a second time. Raise `ApiKeyInvalid`."""

    api_keys: ApiKeyRepository
    clock: Clock
    ids: Ids
    secrets: Secrets
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, name: str, scope_names: Sequence[str], expires_at: datetime | None
    ) -> tuple[ApiKey, str]:
        secret = self.secrets.token(API_KEY_SECRET_SIZE)
        key = ApiKey(
            id=ApiKeyId(self.ids.new()),
            user_id=actor,
            name=name,
            scopes=scopes(scope_names),
            secret_digest=digest(secret),
            created_at=self.clock.now(),
            expires_at=expires_at,
        )
        async with self.unit_of_work.answering():
            await self.api_keys.add(key)
        return key, ApiKeyToken(user_id=actor, key_id=key.id, secret=secret).pack()
