"""Refusals of the quota room."""

from photostore.shared.errors import OutOfSpace


class QuotaExceeded(OutOfSpace):
    """All in bytes: what was asked for, and what the owner has and may have."""

    title = "The quota is used up."

    def __init__(self, *, requested: int, used: int, reserved: int, quota: int) -> None:
        super().__init__(
            f"{requested} bytes are asked for; of a quota of {quota} bytes {used} are used and {reserved} are reserved."
        )
        self.requested = requested
        self.used = used
        self.reserved = reserved
        self.quota = quota
