"""Figures of quotas that were off: told to whoever runs the service."""

import structlog

from photostore.quota.commands.reconcile_quotas import Reconciled
from photostore_adapters.observability.metrics import QUOTA_DRIFT

_log = structlog.get_logger(__name__)


def tell_drift(reconciled: Reconciled) -> None:
    """Counted, and one line of the log for each owner."""
    for owner, drift in reconciled.drift.items():
        _log.error("the figures of an owner were off, and are right now", owner_id=str(owner), too_large_by=dict(drift))
        for figure in drift:
            QUOTA_DRIFT.labels(figure).inc()
