"""Making administrators, from the command line."""

from photostore.user.commands.make_admin import MakeAdmin
from photostore_adapters.settings import Settings
from photostore_adapters.wiring import make_container


async def make_admin(settings: Settings, url: str, who: str) -> None:
    container = make_container(settings, url)
    try:
        async with container() as scope:
            await (await scope.get(MakeAdmin))(who=who)
    finally:
        await container.close()
