"""Writing down that somebody moves libraries, before the first byte: also of what is broken off."""

from collections.abc import Mapping
from uuid import UUID

from dishka import AsyncContainer

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Target
from photostore.shared.unit_of_work import UnitOfWork
from photostore_adapters.system.operator import at_the_command_line

_ALL = "all"


async def write_down(container: AsyncContainer, action: str, owner: UUID | None, details: Mapping[str, object]) -> None:
    """Of one owner's library, or of everybody's."""
    target = Target(kind="library", id=_ALL if owner is None else str(owner))
    async with container() as scope:
        record = await scope.get(RecordAction)
        async with await scope.get(UnitOfWork):
            await record(by=at_the_command_line(), action=action, target=target, details=details)
