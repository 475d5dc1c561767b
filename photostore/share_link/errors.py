"""Refusals of the share link room."""

from photostore.shared.errors import Conflict, Forbidden, Gone, Invalid, NotFound, RateLimited, Unauthenticated


class ShareLinkNotFound(NotFound):
    title = "There is no such share link."


class ShareLinkInvalid(Invalid):
    title = "The share link does not validate."


class ShareNotFound(NotFound):
    """Unknown, deleted or disabled: the three are never told apart."""

    title = "There is no such share."


class ShareExpired(Gone):
    title = "The share has ended."


class ShareViewsUsedUp(Gone):
    title = "The share was opened as often as it may be."


class PasswordRequired(Unauthenticated):
    """Also for an unlock that the link has outlived."""

    title = "The share asks for its password."


class WrongSharePassword(Unauthenticated):
    title = "The password of the share is wrong."


class NotAllowedByShare(Forbidden):
    """The detail names what the link does not allow."""

    title = Forbidden.title
    problem = "forbidden"


class ShareUploadsUsedUp(Conflict):
    """The detail names the limit."""

    title = "The share takes no more uploads."


class TooManyGuestWrites(RateLimited):
    title = "Too many changes through the share."


class TooManyPasswords(RateLimited):
    title = "Too many wrong passwords."
