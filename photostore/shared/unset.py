"""Telling what was left out from what was taken away."""


class Unset:
    """Stands for "not said": in an edit `None` takes a value away, and `UNSET` leaves it."""


UNSET = Unset()
