"""What stops the start."""

from collections.abc import Sequence


class SettingsError(Exception):
    """The settings cannot be used. Each mistake is one line for the operator and holds no secret."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)
