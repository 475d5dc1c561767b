"""What can be typed of `photostore user` and `photostore jobs`. As `cli.py` it loads nothing."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import click

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([KMGTP]?)(I?B?)", re.IGNORECASE)
JSON = click.option("--json", "as_json", is_flag=True, help="For scripts: JSON instead of a table.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")
_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


# What the database's columns hold.
_MOST_BYTES = (1 << 62) - 1
_JOB_ID = click.IntRange(1, (1 << 63) - 1)
# What `default` comes to: click takes None for an argument that is missing.
SERVICE_QUOTA = -1


class ByteSize(click.ParamType[int]):
    """Powers of 1024 (10G, 10GiB), of 1000 with a plain B (10GB), or `default`, which is the service's quota."""

    name = "BYTES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if str(value).lower() == "default":
            return SERVICE_QUOTA
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no size such as 5000000, 500M, 10GiB or 10GB, nor `default`.", param, ctx)
        base = 1000 if found[2] and found[3].upper() == "B" else 1024
        number = int(Decimal(found[1]) * base ** ("KMGTP".index(found[2].upper()) + 1 if found[2] else 0))
        if number > _MOST_BYTES:
            self.fail(f"{value!r} is more than any store holds.", param, ctx)
        return number


class Text(click.ParamType[str]):
    """What can be looked for: Python carries other bytes along until somebody needs them to be text."""

    name = "TEXT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
            self.fail("That is not UTF-8.", param, ctx)
        return text


@click.group()
def user() -> None:
    """Look after accounts. WHO is a user's id, or the address of a local account."""


@user.command("list")
@click.option("--search", type=Text(), help="Whose address or name begins so.")
@click.option("--disabled/--enabled", default=None, help="Only those that are disabled, or only others.")
@click.option("--admins", is_flag=True, help="Only administrators.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="So many at most, newest first."
)
@click.option("--all", "everyone", is_flag=True, help="Everyone.")
@JSON
def show_users(
    search: str | None, disabled: bool | None, limit: int, *, admins: bool, everyone: bool, as_json: bool
) -> None:
    """Show accounts and what they keep. With --json a line for each."""
    from photostore_http.commands.accounts import show_users

    show_users(search, None if everyone else limit, disabled=disabled, admins=admins, as_json=as_json)


@user.command("create")
@click.argument("email")
@click.option("--name", type=Text(), help="What is shown of them.")
@click.option("--quota", type=ByteSize(), help="A quota of their own.")
@click.option("--admin", is_flag=True, help="As an administrator.")
@_STDIN
@JSON
def create_user(
    email: str, name: str | None, quota: int | None, *, admin: bool, password_stdin: bool, as_json: bool
) -> None:
    """Make a local account, also where registration is closed. The password is asked for."""
    from photostore_http.commands.accounts import create_user

    quota = None if quota == SERVICE_QUOTA else quota
    create_user(email, name, quota, admin=admin, password_stdin=password_stdin, as_json=as_json)


@user.command("set-password")
@click.argument("who")
@_STDIN
def set_password(who: str, *, password_stdin: bool) -> None:
    """Give a local account another password, which is asked for. Every session of theirs ends."""
    from photostore_http.commands.accounts import set_password

    set_password(who, password_stdin=password_stdin)


@user.command("quota")
@click.argument("who")
@click.argument("quota", type=ByteSize(), metavar="BYTES|default")
def give_quota(who: str, quota: int) -> None:
    """Give WHO a quota of their own, such as 500M or 10GiB, or the service's again. Who has more keeps it."""
    from photostore_http.commands.accounts import give_quota

    give_quota(who, None if quota == SERVICE_QUOTA else quota)


@user.command("disable")
@click.argument("who")
@YES
def disable(who: str, *, yes: bool) -> None:
    """Sign WHO out everywhere, and let nobody in by their links. What they have stays."""
    from photostore_http.commands.accounts import disable

    disable(who, yes=yes)


@user.command("enable")
@click.argument("who")
def enable(who: str) -> None:
    """Let WHO sign in again; their links open again."""
    from photostore_http.commands.accounts import enable

    enable(who)


@user.command("make-admin")
@click.argument("who")
def make_admin(who: str) -> None:
    """Make WHO an administrator: a user's id (as GET /auth/me tells it), or the address of a local account."""
    from photostore_http.commands.accounts import make_admin

    make_admin(who)


@user.command("revoke-admin")
@click.argument("who")
def take_admin(who: str) -> None:
    """Take the right from WHO again. The last administrator stays one."""
    from photostore_http.commands.accounts import take_admin

    take_admin(who)


@click.group()
def jobs() -> None:
    """Look after jobs."""


@jobs.command("list")
@click.option("--name", type=Text(), help="Only jobs of this name.")
@click.option(
    "--status", type=click.Choice(["retrying", "failed"]), help="Only those that are tried again, or are not."
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many failures at most."
)
@JSON
def show_jobs(name: str | None, status: Literal["retrying", "failed"] | None, limit: int, *, as_json: bool) -> None:
    """Show how long the queue is, and the jobs that failed, newest first."""
    from photostore_http.commands.jobs import show_jobs

    show_jobs(name, status, limit, as_json=as_json)


@jobs.command("retry")
@click.argument("job_ids", metavar="[ID]...", nargs=-1, type=_JOB_ID)
@click.option("--all", "every", is_flag=True, help="All that failed for good.")
@click.option("--name", type=Text(), help="All of this name that failed for good.")
def retry_jobs(job_ids: Sequence[int], name: str | None, *, every: bool) -> None:
    """Have failed jobs done again, now."""
    if (bool(job_ids), every, name is not None).count(True) != 1:
        raise click.UsageError("Name jobs by their ids, or say --all or --name: one of the three.")
    from photostore_http.commands.jobs import retry

    retry(job_ids, name, every=every)


@jobs.command("discard")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True, type=_JOB_ID)
@YES
def discard_jobs(job_ids: Sequence[int], *, yes: bool) -> None:
    """Give failed jobs up: what they were to do is never done."""
    from photostore_http.commands.jobs import discard

    discard(job_ids, yes=yes)
