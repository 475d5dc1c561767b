"""From a path in the settings to a provider that fits, or to words that tell what is wrong with it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from dishka import Provider, Scope

from photostore_adapters.outside.parts import PARTS, Part
from photostore_adapters.settings import Settings, SettingsError

_OURS = ("photostore", "photostore_adapters", "photostore_http")


def found_adapters(settings: Settings) -> Mapping[str, Provider]:
    """The providers that the settings name, by the part they are. Raise `SettingsError` with every mistake that was found."""
    found, mistakes = dict[str, Provider](), list[str]()
    for part in PARTS:
        path = getattr(settings.adapters, part)
        if path is None:
            continue
        try:
            found[part] = found_adapter(part, path)
        except SettingsError as error:
            mistakes += error.mistakes
    if mistakes:
        raise SettingsError(mistakes)
    return found


def found_adapter(part: str, path: str) -> Provider:
    """What `package.module:Name` names. Raise `SettingsError` unless it provides what the part needs, and no more of ours."""
    said = f"adapters.{part} (ADAPTERS__{part.upper()}) is {path!r}"
    try:
        provider = _made(_imported(*path.split(":")))
    except _Misfit as misfit:
        raise SettingsError([f"{said}: {misfit}"]) from misfit
    if mistakes := [f"{said}: {misfit}" for misfit in _misfits(provider, PARTS[part])]:
        raise SettingsError(mistakes)
    return provider


class _Misfit(Exception):
    """One line that tells what is wrong and what to do."""


def _imported(module: str, name: str) -> object:
    try:
        imported = import_module(module)
    except ModuleNotFoundError as error:
        fix = "install it where photostore is installed, or mend the path"
        raise _Misfit(f"there is no module {error.name}; {fix}") from error
    except (Exception, SystemExit) as error:
        raise _Misfit(f"{module} breaks off when it is imported: {type(error).__name__}: {error}") from error
    if not hasattr(imported, name):
        near = get_close_matches(name, dir(imported), n=1)
        raise _Misfit(f"{module} has no {name}; {f'did you mean {near[0]}?' if near else 'mend the path'}")
    return getattr(imported, name)


def _made(named: object) -> Provider:
    if isinstance(named, Provider):
        return named
    if not callable(named):
        raise _Misfit(f"it is a {type(named).__name__}; it should be a dishka Provider, or what makes one")
    try:
        made = named()
    except (Exception, SystemExit) as error:
        raise _Misfit(f"it cannot be made without arguments: {type(error).__name__}: {error}") from error
    if not isinstance(made, Provider):
        raise _Misfit(f"it makes a {type(made).__name__}; it should make a dishka Provider")
    return made


def _misfits(provider: Provider, part: Part) -> Iterator[str]:
    scopes = provided(provider)
    if missing := [port.__name__ for port in part.ports if port not in scopes]:
        yield f"it does not provide {', '.join(missing)}; it should provide {part.told}"
    for each, scope in scopes.items():
        if each in (*part.ports, *part.further):
            if scope is not Scope.APP:
                yield f"it provides {each.__name__} by scope {scope}; it should be Scope.APP, one for the process"
        elif _is_ours(each):
            yield f"it provides {each.__name__}, which is not of this part; it should provide {part.told}"
    for decorator in provider.decorators:
        if _is_ours(decorator.provides.type_hint):
            told = decorator.provides.type_hint.__name__
            yield f"it decorates {told}, which is photostore's own; it should provide {part.told}"


def provided(provider: Provider) -> Mapping[Any, object]:
    """What the provider makes, by type, each with its scope."""
    made = {factory.provides.type_hint: factory.scope for factory in provider.factories}
    aliased = {alias.provides.type_hint: made.get(alias.source.type_hint) for alias in provider.aliases}
    return {**made, **aliased}


def _is_ours(hint: Any) -> bool:
    return getattr(hint, "__module__", "").partition(".")[0] in _OURS and hasattr(hint, "__name__")
