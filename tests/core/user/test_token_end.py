"""Until when a bearer token is good by itself."""

from dataclasses import replace
from datetime import timedelta

from dishka import AsyncContainer

from photostore.user.commands.create_api_key import CreateApiKey
from photostore.user.commands.find_token_end import FindTokenEnd
from photostore.user.commands.open_session import OpenSession
from tests.builders import CLIENT, a_user
from tests.fakes.identity_provider import an_identity
from tests.fakes.store import FakeStore
from tests.fakes.system import ACCESS_TOKEN_SECONDS, NOW
from tests.using import stored, transaction, use


async def test_an_access_token_tells_its_own_end(container: AsyncContainer) -> None:
    user = await stored(container, a_user())
    async with transaction(container, OpenSession) as open_session:
        token = (await open_session(user=user, client=CLIENT)).access_token

    assert await use(container, FindTokenEnd)(bearer=token) == NOW + timedelta(seconds=ACCESS_TOKEN_SECONDS)


async def test_a_key_tells_none(container: AsyncContainer) -> None:
    user = await stored(container, a_user())
    _, key = await use(container, CreateApiKey)(actor=user.id, name="key", scope_names=["photos:read"], expires_at=None)

    assert await use(container, FindTokenEnd)(bearer=key) is None


async def test_the_identity_provider_s_own_token_tells_what_the_provider_says(
    container: AsyncContainer, store: FakeStore
) -> None:
    soon = NOW + timedelta(minutes=5)
    token = store.identity_provider.access_token(replace(an_identity(), expires_at=soon))

    assert await use(container, FindTokenEnd)(bearer=token) == soon
