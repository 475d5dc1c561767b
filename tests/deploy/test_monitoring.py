"""Rules and dashboard ask for metrics that there are, and each alert is explained and tried."""

import re
import shutil
import subprocess

import pytest
from prometheus_client import REGISTRY

from photostore_adapters.observability.metrics import JOBS
from photostore_adapters.observability.stream_metrics import STREAMS
from photostore_adapters.redis.metrics import REDIS_UP
from tests.deploy.files import MONITORING, ROOT, alerts, content_of, dashboard, expressions, panels

# Each is here when its module is loaded.
TELLING = (JOBS, STREAMS, REDIS_UP)
METRIC = re.compile(r"\b((?:photostore|process|python)_[a-z_]+)(?:\{([^}]*)\})?")
# What Prometheus adds; a label of ours of the same name it calls exported_...
ADDED = {"job", "instance", "exported_job", "le"}
promtool = shutil.which("promtool")
with_promtool = pytest.mark.skipif(promtool is None, reason="needs promtool on the PATH")


def labels_of_metrics() -> dict[str, set[str]]:
    """Each series that a process may tell, with its labels."""
    told: dict[str, set[str]] = {}
    for collector, names in REGISTRY._collector_to_names.items():
        for name in names:
            told[name] = set(getattr(collector, "_labelnames", ()))
    return told


@pytest.mark.parametrize(("whose", "expression"), expressions())
def test_every_metric_and_label_of_a_query_is_one_that_photostore_tells(whose: str, expression: str) -> None:
    known = labels_of_metrics()
    asked = METRIC.findall(expression)

    assert asked or "up{" in expression
    for name, selector in asked:
        assert name in known, f"{whose} asks for {name}"
        labels = set(re.findall(r"([a-z_]+)\s*[=!]~?\"", selector))
        assert labels <= known[name] | ADDED, f"{whose} asks {name} for {labels}"


def test_every_metric_is_explained() -> None:
    told = {family.name + "_total" * (family.type == "counter") for family in REGISTRY.collect()}

    explained = set(re.findall(r"photostore_[a-z_]+", (ROOT / "docs/operations/health.md").read_text()))

    assert {name for name in told if name.startswith("photostore_")} <= explained


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert: dict[str, dict[str, str]]) -> None:
    headings = re.findall(r"^#+ (Photostore\w+)$", (ROOT / "docs/operations/monitoring.md").read_text(), re.MULTILINE)

    assert alert["labels"]["severity"] in {"info", "warning", "critical"}
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook_url"] == f"docs/operations/monitoring.md#{str(alert['alert']).lower()}"
    assert alert["alert"] in headings


def test_every_alert_is_tried_and_every_heading_is_an_alert() -> None:
    tests = content_of("deploy/monitoring/rules_test.yaml")["tests"]
    headings = re.findall(r"^#+ (Photostore\w+)$", (ROOT / "docs/operations/monitoring.md").read_text(), re.MULTILINE)

    tried = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}

    assert tried == {alert["alert"] for alert in alerts()}
    assert sorted(headings) == sorted(tried)


def test_panels_have_a_unit_a_place_and_a_number_of_their_own() -> None:
    numbers = [panel["id"] for panel in dashboard()["panels"]]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard()["panels"]]

    assert len(set(numbers)) == len(numbers)
    assert len(set(places)) == len(places)
    for panel in panels():
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24, panel["title"]
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"]), panel["title"]


def test_a_query_uses_no_variable_that_the_dashboard_lacks() -> None:
    given = {each["name"] for each in dashboard()["templating"]["list"]} | {"__rate_interval"}

    used = {name for _, expression in expressions() for name in re.findall(r"\$(\w+)", expression)}

    assert used <= given
    assert given == {"datasource", "job", "instance", "__rate_interval"}


@with_promtool
@pytest.mark.parametrize(
    "command",
    [
        ["check", "rules", "rules.yaml"],
        ["test", "rules", "rules_test.yaml"],
        ["check", "config", "--syntax-only", "../compose/prometheus.yaml"],
    ],
    ids=["rules", "tests of the rules", "configuration"],
)
def test_prometheus_takes_it(command: list[str]) -> None:
    assert promtool is not None

    told = subprocess.run([promtool, *command], cwd=MONITORING, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout + told.stderr
