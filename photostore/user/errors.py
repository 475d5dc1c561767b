"""Refusals of the user room."""

from photostore.shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated


class UserNotFound(NotFound):
    title = "There is no such user."


class SessionNotFound(NotFound):
    title = "There is no such session."


class ApiKeyNotFound(NotFound):
    title = "There is no such API key."


class EmailTaken(Conflict):
    title = "The email address belongs to an account already."


class UserInvalid(Invalid):
    title = "The account's data does not validate."


class ApiKeyInvalid(Invalid):
    title = "The API key's data does not validate."


class LocalAccountsDisabled(NotFound):
    title = "Local accounts are turned off."


class RegistrationClosed(Forbidden):
    title = "Registration is closed."


class InvitationRequired(Forbidden):
    title = "Registration needs a valid invitation code."


class InvalidCredentials(Unauthenticated):
    title = "The address or the password is wrong."


class InvalidToken(Unauthenticated):
    title = "The token is not valid."


class RefreshTokenReused(Unauthenticated):
    title = "The refresh token was spent before; its session is revoked."


class InsufficientScope(Forbidden):
    """The detail names the scope."""

    title = Forbidden.title
    problem = "forbidden"


class TooManySignIns(RateLimited):
    title = "Too many tries to sign in."


class LastAdministrator(Conflict):
    title = "The service keeps one administrator at least."


class OwnAccountKept(Conflict):
    title = "Administrators do not take their own right, nor disable themselves."


class QuotaInvalid(Invalid):
    title = "The quota does not validate."

    @classmethod
    def of(cls, quota_bytes: int, *, most: int) -> "QuotaInvalid":
        message = f"must be 0 to {most}, or null for the service's own"
        return cls(f"A quota of {quota_bytes} bytes cannot be.", errors=[FieldError("quota_bytes", message)])


class NoPassword(Conflict):
    title = "The account has no password: its user signs in with the identity provider."
