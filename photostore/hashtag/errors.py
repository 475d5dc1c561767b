"""Refusals of the hashtag room."""

from photostore.shared.errors import Conflict, Invalid


class NotAHashtag(Invalid):
    title = "That is no hashtag."


class HashtagExists(Conflict):
    title = "The hashtag exists already."
