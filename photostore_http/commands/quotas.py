"""`photostore quota ...`."""

import click

from photostore_adapters.reconciling import reconcile_quotas
from photostore_http.commands.database import on_database
from photostore_http.commands.tables import Table, show


def reconcile(*, as_json: bool) -> None:
    done = on_database(reconcile_quotas)
    rows = [(owner, figure, f"{off:+d}") for owner, drift in done.drift.items() for figure, off in drift.items()]
    table = Table(columns=("Owner", "Figure", "Too large by"), rows=rows, numbers=("Too large by",))
    document = {"owners": done.owners, "drift": {str(owner): drift for owner, drift in done.drift.items()}}
    show(document, *([table] if rows else []), as_json=as_json)
    click.echo(f"{done.owners} owners counted, {len(done.drift)} of them were off.", err=as_json)
    if done.drift:
        raise SystemExit(1)
