"""The bounds of an upload, chosen by whoever runs the service."""

from dataclasses import dataclass
from datetime import timedelta

from photostore.shared.errors import FieldError
from photostore.upload.errors import UploadTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """`max_bytes` of one file and `max_fields_bytes` of all fields of a form, which must arrive in `form_lifetime`.

    What goes straight to the store must be complete in `direct_lifetime`, what guests send in `guest_lifetime`: strangers
    hold no one's quota for long. Whoever completes an upload while another does waits for `completing_patience` seconds.
    """

    max_bytes: int
    max_fields_bytes: int
    form_lifetime: timedelta
    direct_lifetime: timedelta
    guest_lifetime: timedelta
    completing_patience: float = 10.0

    def demand_fits(self, byte_size: int, *, field: str = "file") -> None:
        if byte_size > self.max_bytes:
            message = f"at most {self.max_bytes} bytes"
            raise UploadTooLarge(f"A file may have {message}.", errors=[FieldError(field, message)])

    def surely_file(self, at_most: int | None) -> int:
        """Of `at_most` bytes that remain of a form, how many the file has at least."""
        return max(0, (at_most or 0) - self.max_fields_bytes)
