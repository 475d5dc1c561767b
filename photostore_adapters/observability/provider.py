"""What observability offers to the container."""

from dishka import Provider, Scope, provide

from photostore_adapters.observability.snapshot import Snapshot


class ObservabilityProvider(Provider):
    scope = Scope.APP

    snapshot = provide(Snapshot)
