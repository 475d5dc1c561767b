"""`photostore fsck`."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import click

from photostore.check.finding import REPAIRS, RIGHT_NOW, Finding, Kind, NotedFinding, Outcome
from photostore.check.run import CheckRun, CheckScope
from photostore.shared.ids import UserId
from photostore_adapters.checking import Checking, Counts, Wanted, checking
from photostore_adapters.launch import Settings
from photostore_http.commands.check_progress import checking_bar, mending_bar
from photostore_http.commands.database import on_database
from photostore_http.commands.tables import Table, show_json_line, show_table
from photostore_http.commands.telling import agreed

# A table of more is of use to nobody; scripts get all.
_SHOWN = 1000


def check(
    owner: UUID | None,
    bytes_per_second: int | None,
    photos_per_second: float | None,
    *,
    checksums: bool,
    repair: bool,
    restart: bool,
    all_lost: bool,
    yes: bool,
    as_json: bool,
) -> None:
    wanted = Wanted(
        scope=CheckScope(owner=None if owner is None else UserId(owner), checksums=checksums),
        repair=repair,
        restart=restart,
        all_lost=all_lost,
        bytes_per_second=bytes_per_second,
        photos_per_second=photos_per_second,
    )

    async def run(settings: Settings, url: str) -> int:
        async with checking(settings, url) as offered:
            return await Fsck(offered, wanted, yes=yes, as_json=as_json).run()

    try:
        left = on_database(run)
    except KeyboardInterrupt:
        click.echo("Broken off. Said again, it goes on where it was.", err=True)
        raise SystemExit(2) from None
    if left:
        raise SystemExit(1)


class Fsck:
    """One run of the command: it tells what it finds and does, and answers how much is still wrong."""

    def __init__(self, checking: Checking, wanted: Wanted, *, yes: bool, as_json: bool) -> None:
        self._checking = checking
        self._wanted = wanted
        self._yes = yes
        self._as_json = as_json

    async def run(self) -> int:
        """How many findings are left."""
        began = datetime.now(UTC)
        with checking_bar(await self._checking.photos(self._wanted.scope)) as told:
            done = await self._checking.check(self._wanted, told)
        if done.started_at < began:
            began_at = f"{done.started_at:%Y-%m-%d %H:%M}"
            click.echo(f"This went on with the check that began at {began_at} UTC; --restart begins anew.", err=True)
        counts = await self._checking.counted()
        await self._tell_findings()
        if counts:
            self._tell_plan(counts)
        if counts and self._wanted.repair:
            plan = f"{sum(counts.values())} findings are looked at once more, and mended as told above."
            if agreed(plan, yes=self._yes):
                counts = await self._mend(sum(counts.values()))
        return self._tell_summary(done, counts)

    async def _tell_findings(self) -> None:
        rows = list[NotedFinding]()
        more = 0
        async for noted in self._checking.findings():
            if self._as_json:
                show_json_line(_document(noted))
            elif len(rows) < _SHOWN:
                rows.append(noted)
            else:
                more += 1
        if rows:
            show_table(_findings_table([noted.finding for noted in rows]))
        if more:
            click.echo(f"... and {more} more, which --json tells.")

    def _tell_plan(self, counts: Counts) -> None:
        if self._as_json:
            return  # each finding told it
        rows = [(kind.value, number, REPAIRS[kind]) for kind, number in sorted(_by_kind(counts).items())]
        show_table(Table(columns=("Kind", "Findings", "Repair would"), rows=rows, numbers=("Findings",)))

    async def _mend(self, number: int) -> Counts:
        with mending_bar(number) as advance:

            def told(finding: Finding, outcome: Outcome) -> None:
                advance()
                if self._as_json:
                    show_json_line({"mended": finding.kind, "id": finding.id, "key": finding.key, "outcome": outcome})

            await self._checking.mend(self._wanted, told)
        return await self._checking.counted()

    def _tell_summary(self, done: CheckRun, counts: Counts) -> int:
        outcomes = {each.value: _with(counts, each) for each in Outcome}
        found = sum(counts.values())
        left = found - sum(_with(counts, each) for each in RIGHT_NOW)
        summary = {"photos": done.photos, "bytes_read": done.bytes_read, "found": found, **outcomes, "wrong": left}
        if self._as_json:
            show_json_line({"summary": summary})
        else:
            _tell_people(summary, repaired=any(outcome is not None for _, outcome in counts))
        return left


def _tell_people(summary: Mapping[str, int], *, repaired: bool) -> None:
    click.echo(f"{summary['photos']} photos looked at, {summary['found']} findings.")
    if repaired:
        told = ", ".join(f"{summary[each.value]} {each}" for each in Outcome)
        click.echo(f"Of these: {told}.")
        if summary[Outcome.LEFT.value]:
            click.echo(
                "What was left could not be mended, or is so much that it looks like a mistake: see "
                "docs/operations/checking.md."
            )
    elif summary["found"]:
        click.echo("Nothing was changed. `photostore fsck --repair` mends what can be mended.")


def _with(counts: Counts, outcome: Outcome) -> int:
    return sum(number for (_, each), number in counts.items() if each is outcome)


def _by_kind(counts: Counts) -> Counter[Kind]:
    summed = Counter[Kind]()
    for (kind, _), number in counts.items():
        summed[kind] += number
    return summed


def _document(noted: NotedFinding) -> dict[str, object]:
    finding = noted.finding
    return {
        "kind": finding.kind,
        "owner_id": finding.owner_id,
        "id": finding.id,
        "key": finding.key,
        "expected": finding.expected,
        "found": finding.found,
        "repair": finding.repair,
        "outcome": noted.outcome,
    }


def _findings_table(findings: list[Finding]) -> Table:
    return Table(
        columns=("Kind", "Owner", "Id", "Key", "Expected", "Found"),
        rows=[(each.kind.value, each.owner_id, each.id, each.key, each.expected, each.found) for each in findings],
    )
