"""`photostore settings`."""

from photostore_adapters.launch import described, settings_in_force
from photostore_http.commands.tables import Table, show
from photostore_http.commands.telling import told_readably


def show_settings(*, as_json: bool) -> None:
    with told_readably():
        rows = described(settings_in_force())
    document = [{"key": key, "value": value, "origin": origin} for key, value, origin in rows]
    show(document, Table(columns=("Setting", "Value", "From"), rows=rows), as_json=as_json)
