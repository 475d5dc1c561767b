"""What a command found: a table for people, JSON for scripts. Both go to standard output, and nothing else does."""

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

# Piped, a table is as wide as it must be: nothing of an id is cut off.
_PIPED_WIDTH = 1000
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`numbers` are the titles of the columns that stand to the right. A cell that is `None` shows as a dash."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]
    numbers: Collection[str] = ()
    title: str | None = None


def show(document: object, *tables: Table, as_json: bool) -> None:
    """The document for scripts, the tables for people: say the same thing in both."""
    if as_json:
        show_json(document)
        return
    for table in tables:
        show_table(table)


def show_json(document: object) -> None:
    """One document: dataclasses, structs and mappings, with times and ids as the API tells them."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))


def show_json_line(document: object) -> None:
    """One of many documents, where there is no end to be waited for."""
    click.echo(msgspec.json.encode(document))


def show_table(table: Table) -> None:
    drawn = RichTable(box=SIMPLE_HEAD, title=table.title, title_justify="left", pad_edge=False)
    for column in table.columns:
        justify = "right" if column in table.numbers else "left"
        drawn.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in table.rows:
        drawn.add_row(*(_cell(value) for value in row))
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width, highlight=False).print(drawn)


def _cell(value: object) -> Text:
    """Names are other people's: what would steer a terminal shows as a question mark."""
    if value is None:
        return Text("-")
    if isinstance(value, datetime):
        return Text(value.strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    return Text("".join(each if each.isprintable() else "?" for each in str(value)))


def bytes_told(byte_size: int | None) -> str | None:
    """As people read sizes; `None` stays what it is."""
    if byte_size is None or abs(byte_size) < 1024:
        return None if byte_size is None else f"{byte_size} B"
    size, units = byte_size / 1024, iter(_UNITS)
    unit = next(units)
    while abs(size) >= 1024 and (larger := next(units, None)):
        size, unit = size / 1024, larger
    return f"{size:.1f} {unit}"
