"""What an examination finds, as its tests look at it."""

from collections.abc import AsyncIterator

from photostore_adapters.examining.finding import Finding, State


async def found_by(findings: AsyncIterator[Finding]) -> dict[str, Finding]:
    """By what was tried."""
    return {finding.check: finding async for finding in findings}


def wrong(found: dict[str, Finding]) -> dict[str, State]:
    """What is not well. Each of these tells how to mend it."""
    bad = {check: each for check, each in found.items() if each.state in (State.WARNING, State.FAILED)}
    assert all(each.told and each.fix for each in bad.values()), bad
    return {check: each.state for check, each in bad.items()}
