"""A Postgres over TCP that one can kill, freeze and start again under the same URL."""

import secrets
import signal
from pathlib import Path

import psutil

from photostore_adapters.embedded_postgres.programs import find_programs
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from tests.e2e.ports import free_port
from tests.e2e.servers import alive
from tests.waiting import wait_until


class SteadyPostgres(EmbeddedPostgres):
    """Durable, on a port and with a password that stay the same."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self._port = self.port = free_port()
        self._frozen: list[psutil.Process] = []

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/photostore"

    def start(self, timeout: float = 30) -> None:
        super().start(timeout)
        if not self._password:
            self._set_password(find_programs())

    def kill(self) -> None:
        """As if the machine had lost its power."""
        family = self._family()
        for process in family:
            process.send_signal(signal.SIGKILL)
        wait_until(lambda: not alive(family), what="Postgres to be gone")
        self.stop()

    def freeze(self) -> None:
        """It accepts connections, and says nothing on any."""
        self._frozen = self._family()
        for process in self._frozen:
            process.suspend()

    def thaw(self) -> None:
        for process in alive(self._frozen):
            process.resume()
        self._frozen = []

    def stop(self) -> None:
        self.thaw()
        super().stop()

    def _family(self) -> list[psutil.Process]:
        assert self.pid is not None
        process = psutil.Process(self.pid)
        return [process, *process.children(recursive=True)]

    def _settings(self) -> dict[str, str]:
        return {**super()._settings(), "listen_addresses": "127.0.0.1", "port": str(self._port)}


def strong_secret() -> str:
    return secrets.token_urlsafe(48)
