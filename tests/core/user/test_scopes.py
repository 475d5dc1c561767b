"""What an actor may do, and the names by which scopes are asked for."""

import pytest

from photostore.shared.ids import ApiKeyId
from photostore.user.actor import Actor
from photostore.user.errors import ApiKeyInvalid, InsufficientScope
from photostore.user.scopes import ALL_SCOPES, Scope, scopes
from tests.builders import a_user_id
from tests.fakes.system import new_id


def test_scopes_are_found_by_their_names_each_once() -> None:
    assert scopes(["photos:read", "admin", "photos:read"]) == {Scope.PHOTOS_READ, Scope.ADMIN}


@pytest.mark.parametrize("names", [[], ["photos"], ["photos:read", "PHOTOS:READ"], [""], ["photos:*"]])
def test_none_at_all_or_an_unknown_one_is_refused(names: list[str]) -> None:
    with pytest.raises(ApiKeyInvalid) as refused:
        scopes(names)

    assert [error.field for error in refused.value.errors] == ["scopes"]


def test_a_session_holds_every_scope() -> None:
    actor = Actor(user_id=a_user_id(), is_admin=False)

    for scope in ALL_SCOPES:
        actor.demand(scope)
    actor.demand_interactive()


def test_writing_does_not_include_reading() -> None:
    actor = Actor(user_id=a_user_id(), is_admin=False, scopes=frozenset({Scope.PHOTOS_WRITE}))

    with pytest.raises(InsufficientScope):
        actor.demand(Scope.PHOTOS_READ)


def test_an_api_key_is_not_interactive_whatever_it_holds() -> None:
    actor = Actor(user_id=a_user_id(), is_admin=True, api_key_id=ApiKeyId(new_id()))

    with pytest.raises(InsufficientScope):
        actor.demand_interactive()
