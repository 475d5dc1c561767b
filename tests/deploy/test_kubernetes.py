"""The manifests of `deploy/kubernetes` fit each other, Kubernetes' schemas, and the program that they start."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from dishka import make_async_container

from photostore_adapters.settings import load_settings
from photostore_adapters.settings.schema import VARIABLES
from photostore_http.app import create_app
from photostore_http.cli import main
from photostore_http.operations import OPERATIONS
from tests.deploy.files import ROOT, expressions
from tests.http_settings import http_settings

FOLDER = ROOT / "deploy/kubernetes"
BASE, EXAMPLE = FOLDER / "base", FOLDER / "overlays/example"
OLDEST, NEWEST = "1.30", "1.36"
KUBECTL = shutil.which("kubectl")
# For the inside alone.
PRIVATE = {"/health", "/healthz", "/ping", "/metrics"}

Manifest = Mapping[str, Any]


@cache
def documents(path: Path) -> list[Manifest]:
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def environment(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return dict(pairs)


def manifests(folder: Path) -> list[Manifest]:
    listed = documents(folder / "kustomization.yaml")[0]["resources"]
    return [each for name in listed if name.endswith(".yaml") for each in documents(folder / name)]


def of_kind(kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests(BASE) if each["kind"] == kind}


def pods() -> Iterator[tuple[str, Manifest]]:
    for kind in ("Deployment", "Job"):
        for name, each in of_kind(kind).items():
            yield name, each["spec"]["template"]


def containers() -> Iterator[Manifest]:
    for _, pod in pods():
        yield from pod["spec"]["containers"]
        yield from pod["spec"].get("initContainers", ())


def test_every_manifest_is_what_kubernetes_takes() -> None:
    for manifest in (*manifests(BASE), *manifests(EXAMPLE)):
        kubernetes_validate.validate(manifest, OLDEST, strict=True)


@pytest.mark.parametrize("kustomization", sorted(FOLDER.rglob("kustomization.yaml")), ids=lambda path: path.parent.name)
def test_every_file_is_named_by_its_kustomization(kustomization: Path) -> None:
    (told,) = documents(kustomization)
    named = {*told["resources"], *(patch["path"] for patch in told.get("patches", ()))}
    named |= {
        name for key in ("configMapGenerator", "secretGenerator") for each in told.get(key, ()) for name in each["envs"]
    }

    there = {path.name for path in kustomization.parent.iterdir()} - {"kustomization.yaml", ".gitignore"}

    assert {name.removesuffix(".example") for name in there} == {name for name in named if "/" not in name}


def test_every_variable_is_a_setting_and_all_together_start_the_program() -> None:
    given = environment(BASE / "settings.env") | environment(EXAMPLE / "settings.env")
    secrets = environment(EXAMPLE / "secret.env.example")
    told = {name: value or "chosen-by-whoever-copies-the-example-0123456789" for name, value in secrets.items()}

    settings = load_settings({**given, **told})

    assert not set(given) & set(secrets)
    assert {*given, *secrets} <= set(VARIABLES)
    assert (settings.embedded, settings.server.host, settings.jobs.in_server) == (False, "0.0.0.0", False)


def test_nothing_that_is_committed_holds_a_secret() -> None:
    assert not (EXAMPLE / "secret.env").exists() or "secret.env" in (EXAMPLE / ".gitignore").read_text()
    assert not any(of_kind("Secret"))


def test_ports_and_probes_are_those_of_the_program() -> None:
    given = environment(BASE / "settings.env")
    paths = {path for handler in OPERATIONS for path in handler.paths}
    listening = {"photostore-api": given["PORT"], "photostore-worker": given["WORKER__PORT"]}
    for name, deployment in of_kind("Deployment").items():
        pod = deployment["spec"]["template"]
        (container,) = pod["spec"]["containers"]
        (port,) = container["ports"]
        probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
        annotations = pod["metadata"]["annotations"]

        assert str(port["containerPort"]) == listening[name] == annotations["prometheus.io/port"]
        assert {probe["port"] for probe in probes} == {port["name"]}
        assert [probe["path"] for probe in probes] == ["/health", "/health", "/healthz"]
        assert {*(probe["path"] for probe in probes), annotations["prometheus.io/path"]} <= paths
    (service,) = of_kind("Service").values()
    assert service["spec"]["ports"][0]["targetPort"] == "http"


def test_every_command_is_one() -> None:
    for container in containers():
        name, *options = container["args"]

        command = main.commands[name]

        known = {option for parameter in command.params for option in parameter.opts}
        assert {each for each in options if each.startswith("--")} <= known


def test_selectors_select_the_pods_that_they_mean() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods()}

    def selected(selector: Mapping[str, str]) -> set[str]:
        return {name for name, each in labels.items() if selector.items() <= each.items()}

    for name, deployment in of_kind("Deployment").items():
        assert selected(deployment["spec"]["selector"]["matchLabels"]) == {name}
        (spread,) = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert selected(spread["labelSelector"]["matchLabels"]) == {name}
    for name, budget in of_kind("PodDisruptionBudget").items():
        assert selected(budget["spec"]["selector"]["matchLabels"]) == {name}
    for name, scaler in of_kind("HorizontalPodAutoscaler").items():
        assert scaler["spec"]["scaleTargetRef"]["name"] == name
        assert name in of_kind("Deployment")
    policies = {
        name: selected(each["spec"]["podSelector"]["matchLabels"]) for name, each in of_kind("NetworkPolicy").items()
    }
    assert policies == {
        "photostore": set(labels),
        "photostore-api": {"photostore-api"},
        "photostore-worker": {"photostore-worker"},
    }
    assert selected(of_kind("Service")["photostore"]["spec"]["selector"]) == {"photostore-api"}
    for monitor in documents(FOLDER / "components/prometheus-operator/pod-monitors.yaml"):
        assert selected(monitor["spec"]["selector"]["matchLabels"]) == {monitor["metadata"]["name"]}


def test_pods_are_scraped_as_the_jobs_that_rules_and_dashboard_ask_for() -> None:
    asked = {job for _, expression in expressions() for job in re.findall(r'up\{job="([^"]+)"\}', expression)}

    jobs = {}
    for monitor in documents(FOLDER / "components/prometheus-operator/pod-monitors.yaml"):
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        (relabeling,) = endpoint["relabelings"]
        jobs[monitor["metadata"]["name"]] = relabeling

    assert jobs == {name: {"targetLabel": "job", "replacement": name} for name in asked}


def test_pods_may_do_nothing_that_they_need_not() -> None:
    for _, pod in pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} <= set(container["resources"])


def test_folders_that_are_written_to_are_volumes() -> None:
    given = environment(BASE / "settings.env")
    for container in containers():
        mounted = {mount["mountPath"] for mount in container["volumeMounts"]}

        assert {given["DATA_DIR"], given["DECODING__SCRATCH_FOLDER"], "/tmp"} == mounted


def test_pods_live_long_enough_to_stop_in_order() -> None:
    given = environment(BASE / "settings.env")
    seconds = int(given["SERVER__DRAIN_SECONDS"]) + int(given["SERVER__SHUTDOWN_SECONDS"])

    for deployment in of_kind("Deployment").values():
        assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= seconds + 10
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_the_ingress_leads_to_what_is_for_clients_and_to_nothing_else() -> None:
    (ingress,) = documents(EXAMPLE / "ingress.yaml")
    (rule,) = ingress["spec"]["rules"]
    led = {each["path"] for each in rule["http"]["paths"]}
    app = create_app(make_async_container(), http_settings())
    served = {"/" + route.path.split("/")[1] for route in app.routes}

    assert led == served - PRIVATE - {"/"}


# No package of CI's system has a kubectl that is new enough.
if KUBECTL is not None:

    def test_the_example_is_rendered(tmp_path: Path) -> None:
        folder = shutil.copytree(FOLDER, tmp_path / "kubernetes")
        example = folder / "overlays/example"
        shutil.copy(example / "secret.env.example", example / "secret.env")

        done = subprocess.run([str(KUBECTL), "kustomize", example], capture_output=True, text=True, check=True)

        rendered = [each for each in yaml.safe_load_all(done.stdout) if each]
        for manifest in rendered:
            kubernetes_validate.validate(manifest, NEWEST, strict=True)
        images = {
            container["image"]
            for each in rendered
            if each["kind"] in {"Deployment", "Job"}
            for container in each["spec"]["template"]["spec"]["containers"]
        }
        assert images == {"registry.example.org/photostore:0.1.0"}
        names = {each["metadata"]["name"] for each in rendered if each["kind"] in {"ConfigMap", "Secret"}}
        assert all(name in done.stdout.replace(f"name: {name}", "", 1) for name in names)
