"""A selection is sent once; marks are merged."""

import pytest

from photostore.selection.errors import SelectionInvalid, SelectionSubmitted
from photostore.selection.selection import COMMENT_LIMIT, NOTE_LIMIT, Mark, Selection
from photostore.shared.ids import ShareLinkId
from photostore.shared.unset import UNSET
from tests.builders import a_user_id
from tests.fakes.system import NOW, new_id


def a_selection() -> Selection:
    return Selection(id=ShareLinkId(new_id()), owner_id=a_user_id())


def test_what_is_not_said_of_a_photo_stays() -> None:
    mark = Mark(favorite=True, comment="Brighter.")

    assert mark.changed(favorite=UNSET, comment=None) == Mark(favorite=True)
    assert mark.changed(favorite=False, comment=UNSET) == Mark(comment="Brighter.")


def test_a_comment_is_trimmed_and_bounded() -> None:
    assert Mark().changed(favorite=UNSET, comment=" \x00Brighter. ").comment == "Brighter."
    with pytest.raises(SelectionInvalid):
        Mark().changed(favorite=UNSET, comment="x" * (COMMENT_LIMIT + 1))


def test_it_is_sent_once_until_it_is_opened_again() -> None:
    selection = a_selection()
    selection.submit(guest_name=" Grace ", note=None, now=NOW)

    with pytest.raises(SelectionSubmitted):
        selection.demand_open()
    with pytest.raises(SelectionSubmitted):
        selection.submit(guest_name=None, note=None, now=NOW)
    assert (selection.guest_name, selection.submitted_at) == ("Grace", NOW)

    selection.reopen()

    selection.demand_open()
    assert selection.guest_name is None


def test_a_note_that_is_too_long_sends_nothing() -> None:
    selection = a_selection()

    with pytest.raises(SelectionInvalid):
        selection.submit(guest_name=None, note="x" * (NOTE_LIMIT + 1), now=NOW)

    selection.demand_open()
