"""The files that an operator is given."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

ROOT = Path(__file__).resolve().parents[2]
MONITORING = ROOT / "deploy/monitoring"


@cache
def content_of(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def services() -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", content_of("compose.yaml")["services"])


def pins(lock: str) -> dict[str, str]:
    """Package to version."""
    return dict(re.findall(r"^([a-z0-9.-]+(?:\[[a-z,]+\])?)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def alerts() -> list[dict[str, Any]]:
    return [rule for group in content_of("deploy/monitoring/rules.yaml")["groups"] for rule in group["rules"]]


@cache
def dashboard() -> Any:
    return json.loads((MONITORING / "dashboards/photostore.json").read_text())


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions() -> list[tuple[str, str]]:
    """Whose it is, and each query of Prometheus in rules and dashboard."""
    of_alerts = [(alert["alert"], alert["expr"]) for alert in alerts()]
    return of_alerts + [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]
