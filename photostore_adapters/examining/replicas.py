"""Whether each further store does what is asked of one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from photostore.shared.clock import Clock
from photostore_adapters.examining.bucket import examine_bucket
from photostore_adapters.examining.finding import Finding, Findings
from photostore_adapters.examining.folder import examine_folder
from photostore_adapters.replicas.choosing import place_of
from photostore_adapters.settings import ReplicaItem


async def examine_replica(replica: ReplicaItem, clock: Clock) -> AsyncIterator[Finding]:
    """As the store itself, but for web pages: none uploads there."""
    place = place_of(replica)
    found: Findings = examine_folder(place) if isinstance(place, Path) else examine_bucket(place, (), clock)
    async for finding in found:
        yield replace(finding, part=f"replica {replica.name}")
