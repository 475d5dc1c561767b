"""Counting anew what every owner keeps, from the command line."""

from photostore.quota.commands.reconcile_quotas import Reconciled, ReconcileQuotas
from photostore_adapters.observability.drift import tell_drift
from photostore_adapters.settings import Settings
from photostore_adapters.wiring import make_container

__all__ = ["Reconciled", "reconcile_quotas"]


async def reconcile_quotas(settings: Settings, url: str) -> Reconciled:
    """Beside whatever runs meanwhile. What was off is right afterwards."""
    container = make_container(settings, url)
    try:
        async with container() as scope:
            reconciled = await (await scope.get(ReconcileQuotas))()
    finally:
        await container.close()
    tell_drift(reconciled)
    return reconciled
