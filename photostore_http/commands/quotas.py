"""`photostore quota ...`."""

import click
import uvloop

from photostore_adapters.database import database, migrated
from photostore_adapters.launch import Settings, settings_in_force
from photostore_adapters.reconciling import Reconciled, reconcile_quotas
from photostore_http.commands.telling import told_readably


def reconcile() -> None:
    with told_readably():
        settings = settings_in_force()
        with database(settings, beside=True) as url:
            done = uvloop.run(_reconcile(settings, url))
    for owner, drift in done.drift.items():
        told = ", ".join(f"{figure} by {off:+d}" for figure, off in drift.items())
        click.echo(f"{owner}  too large were {told}")
    click.echo(f"{done.owners} owners counted, {len(done.drift)} of them were off.")
    if done.drift:
        raise SystemExit(1)


async def _reconcile(settings: Settings, url: str) -> Reconciled:
    await migrated(settings, url)
    return await reconcile_quotas(settings, url)
