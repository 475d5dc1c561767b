"""Refusals of the user room."""

from photostore.shared.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated


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
