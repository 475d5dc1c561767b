"""`photostore doctor`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import click
import uvloop

from photostore_adapters.examining import Finding, State, examined
from photostore_adapters.launch import LaunchRefused, Settings, launching, settings_in_force
from photostore_http.commands.tables import Table, show
from photostore_http.commands.telling import told_readably


def examine(*, as_json: bool) -> None:
    with told_readably():
        settings = settings_in_force()
        with _database(settings) as (url, refused):
            found = [*refused, *uvloop.run(examined(settings, url))]
    show({"findings": found}, _table(found), as_json=as_json)
    if not as_json:
        _tell_fixes(found)
    if any(finding.state is State.FAILED for finding in found):
        raise SystemExit(1)


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str | None, Sequence[Finding]]]:
    """The database's URL. The embedded one is started where it does not run, but not made: that is the first start's."""
    if settings.database_url is not None:
        yield settings.database_url.reveal(), []
        return
    if not (settings.data_dir / "postgres").exists():
        yield None, []
        return
    from photostore_adapters.database import database

    with ExitStack() as stack:
        try:
            with launching():
                url: str | None = stack.enter_context(database(settings, beside=True))
                refused: list[Finding] = []
        except LaunchRefused as refusal:
            fix = "Look at the log beside it, or start `photostore serve`."
            told = Finding(part="database", check="embedded", state=State.FAILED, told=str(refusal), fix=fix)
            url, refused = None, [told]
        yield url, refused


def _table(found: Sequence[Finding]) -> Table:
    rows = [(each.part, each.check, each.state.value, each.told) for each in found]
    return Table(columns=("Part", "Check", "State", "Found"), rows=rows)


def _tell_fixes(found: Sequence[Finding]) -> None:
    wrong = [finding for finding in found if finding.fix is not None]
    for finding in wrong:
        click.echo(f"{finding.part}, {finding.check}: {finding.told}\n  -> {finding.fix}")
    failed = sum(finding.state is State.FAILED for finding in found)
    click.echo(f"{len(found)} things tried, {failed} failed, {len(wrong) - failed} to be looked at.")
