"""`photostore user ...`."""

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from photostore_adapters.administering import (
    AccountEdit,
    AccountFilter,
    AccountView,
    Administration,
    NewAccount,
    administration,
)
from photostore_adapters.launch import Settings
from photostore_http.commands.database import on_database
from photostore_http.commands.tables import Table, bytes_told, show_json, show_json_line, show_table
from photostore_http.commands.telling import agreed

T = TypeVar("T")


def show_users(search: str | None, limit: int | None, *, disabled: bool | None, admins: bool, as_json: bool) -> None:
    wanted = AccountFilter(text=search or None, disabled=disabled, is_admin=True if admins else None)

    async def look(administration: Administration) -> list[AccountView]:
        found = list[AccountView]()
        async for view in administration.accounts(wanted, limit=limit):
            if as_json:
                show_json_line(view)
            else:
                found.append(view)
        return found

    views = _administered(look)
    if not as_json:
        show_table(_table(views))
        if limit is not None and len(views) == limit:
            click.echo(f"The newest {limit}; --limit shows more, --all everyone.", err=True)


def _table(views: list[AccountView]) -> Table:
    columns = ("Id", "Address", "Name", "Admin", "Photos", "Used", "Quota", "Last seen", "Disabled")
    rows = [
        (
            view.id,
            view.email,
            view.display_name,
            view.is_admin,
            view.photo_count,
            bytes_told(view.used_bytes),
            bytes_told(view.quota_in_force),
            view.last_seen_at,
            view.disabled_at,
        )
        for view in views
    ]
    return Table(columns=columns, rows=rows, numbers=("Photos", "Used", "Quota"))


def create_user(
    email: str, name: str | None, quota: int | None, *, admin: bool, password_stdin: bool, as_json: bool
) -> None:
    password = _password(from_stdin=password_stdin)
    account = NewAccount(email=email, display_name=name, is_admin=admin, quota_bytes=quota)
    user_id = _administered(lambda administration: administration.create_account(account, password))
    if as_json:
        show_json({"id": user_id})
    else:
        click.echo(f"{user_id} is the id of {email}.")


def set_password(who: str, *, password_stdin: bool) -> None:
    password = _password(from_stdin=password_stdin)
    _administered(lambda administration: administration.set_password(who, password))
    click.echo(f"{who} has another password now, and is signed in nowhere.")


def make_admin(who: str) -> None:
    _administered(lambda administration: administration.make_admin(who))
    click.echo(f"{who} is an administrator now.")


def take_admin(who: str) -> None:
    _edited(who, AccountEdit(is_admin=False))
    click.echo(f"{who} is no administrator now.")


def give_quota(who: str, quota: int | None) -> None:
    _edited(who, AccountEdit(quota_bytes=quota))
    told = "the service's own quota" if quota is None else f"a quota of {bytes_told(quota)} ({quota} bytes)"
    click.echo(f"{who} has {told} now.")


def disable(who: str, *, yes: bool) -> None:
    async def change(administration: Administration) -> bool:
        account = await administration.find(who)
        agrees = agreed(_plan_to_disable(account), yes=yes)
        if agrees:
            await administration.edit(account, AccountEdit(disabled=True))
        return agrees

    if _administered(change):
        click.echo(f"{who} is disabled now.")


def _plan_to_disable(account: AccountView) -> str:
    return (
        f"{account.email or account.id} is signed out everywhere ({account.sessions} sessions), and their links open for "
        "nobody. Their photos stay, also in others' albums."
    )


def enable(who: str) -> None:
    _edited(who, AccountEdit(disabled=False))
    click.echo(f"{who} can sign in again.")


def _edited(who: str, edit: AccountEdit) -> None:
    async def change(administration: Administration) -> None:
        await administration.edit(await administration.find(who), edit)

    _administered(change)


def _password(*, from_stdin: bool) -> str:
    """Never an argument: those are seen by everyone on the machine."""
    if from_stdin:
        try:
            return sys.stdin.buffer.readline().decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise click.UsageError("The password on standard input is not UTF-8.") from None
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the password at: send it with --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _administered(do: Callable[[Administration], Awaitable[T]]) -> T:
    async def administer(settings: Settings, url: str) -> T:
        async with administration(settings, url) as offered:
            return await do(offered)

    return on_database(administer)
