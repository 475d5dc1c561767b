"""From `settings.yaml` and variables to one checked object, or to words that tell what is wrong."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from stat import S_IMODE

import pytest

from photostore_adapters.settings import (
    Secret,
    SecretUrl,
    Settings,
    SettingsError,
    describe,
    load_settings,
    media_signing_keys_of,
    reference,
    secret_key_of,
)
from photostore_adapters.settings.files import default_file, read_file
from photostore_adapters.settings.kinds import read
from photostore_adapters.settings.schema import KEYS

GOOD_SECRET = secrets.token_urlsafe(48)
S3 = {"S3__BUCKET_NAME": "photos", "S3__AWS_ACCESS_KEY_ID": "key", "S3__AWS_SECRET_ACCESS_KEY": "hidden"}
OIDC = {
    "OIDC__SERVER_METADATA_URL": "https://id.example.org/.well-known/openid-configuration",
    "OIDC__CLIENT_ID": "photostore",
    "OIDC__CLIENT_SECRET": "hidden",
}
DATABASE = {"DATABASE_URL": "postgresql://app:pass-word@db:5432/photos"}
JWT = {"JWT__SECRET_KEY": GOOD_SECRET}


def a_file(folder: Path, text: str) -> Path:
    path = folder / f"{secrets.token_hex(4)}.yaml"
    path.write_text(text)
    return path


def mistakes(environ: dict[str, str] | None = None, *files: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refusal:
        load_settings(environ or {}, files)
    assert str(refusal.value) == "\n".join(refusal.value.mistakes)
    return refusal.value.mistakes


def test_the_file_and_the_schema_have_the_same_keys_and_defaults() -> None:
    content = read_file(default_file())

    assert set(content) == set(KEYS)
    assert {name: read(KEYS[name].kind, raw) for name, raw in content.items()} == {
        name: key.default for name, key in KEYS.items()
    }


def test_every_key_has_a_comment() -> None:
    assert [entry.key for entry in reference() if len(entry.comment) < 20] == []


def test_nothing_set_is_the_embedded_default() -> None:
    settings = load_settings({})

    assert settings == Settings()
    assert settings.embedded
    assert settings.local_accounts_enabled
    assert settings.provenance == {}
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.oidc_redirect_uri == "http://127.0.0.1:8000/api/v1/auth/callback"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        load_settings({}).port = 1  # type: ignore[misc]


def test_later_layers_win_key_by_key_and_are_remembered(tmp_path: Path) -> None:
    one = a_file(
        tmp_path, "port: 1111\nlog: {level: debug, format: json}\ncors: {allow_origins: ['http://a.example']}\n"
    )
    two = a_file(tmp_path, "port: 2222\nlog: {level: warning}\ncors: {allow_origins: ['http://b.example']}\n")

    settings = load_settings(
        {"LOG__LEVEL": "ERROR", "SERVER__HOST": "::"}, [one, two], {"server.host": "::1", "data_dir": None}
    )

    assert (settings.port, settings.log.level, settings.log.format) == (2222, "error", "json")
    assert settings.cors.allow_origins == ("http://b.example",)
    assert settings.base_url == "http://[::1]:2222"
    assert settings.provenance == {
        "port": str(two),
        "log.level": "environment",
        "log.format": str(one),
        "cors.allow_origins": str(two),
        "server.host": "command line",
    }


def test_one_more_file_is_named_by_a_variable(tmp_path: Path) -> None:
    settings = load_settings({"SETTINGS_FILE": str(a_file(tmp_path, "port: 1234\nlog:\n"))})

    assert settings.port == 1234


@pytest.mark.parametrize(
    "text",
    ["12345", "true", "null", "@format {env[HOME]}", "@int 5", "@jinja {{ 1 }}", '{"a": 1}', "[1]", " a,b ", "1e3"],
)
def test_text_stays_the_very_text_that_was_set(text: str, tmp_path: Path) -> None:
    from_environment = load_settings(S3 | JWT | {"S3__AWS_SECRET_ACCESS_KEY": text})
    from_file = load_settings(S3 | JWT, [a_file(tmp_path, f"oidc: {{admin_claim: {json.dumps(text)}}}")])

    assert from_environment.s3.aws_secret_access_key == Secret(text)
    assert from_file.oidc.admin_claim == text


def test_dynaconf_reads_no_file_or_cast_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTO_CAST_FOR_DYNACONF", "true")
    monkeypatch.setenv("DYNACONF_PORT", "1")
    (tmp_path / "odd[1],*.local.yaml").write_text("port: 5")
    path = tmp_path / "odd[1],*.yaml"
    path.write_text("oidc: {admin_claim: '@int 5'}")

    settings = load_settings({}, [path])

    assert (settings.port, settings.oidc.admin_claim) == (8000, "@int 5")


@pytest.mark.parametrize(
    ("environ", "key", "value"),
    [
        ({"PORT": " 9000 "}, "port", 9000),
        ({"HASHTAGS__PRIVATE": "yes"}, "hashtags.private", True),
        ({"JOBS__IN_SERVER": "0"}, "jobs.in_server", False),
        ({"AUTH__LOCAL_ACCOUNTS": "false"}, "auth.local_accounts", False),
        ({"QUOTA__DEFAULT_BYTES": "null"}, "quota.default_bytes", None),
        ({"QUOTA__DEFAULT_BYTES": ""}, "quota.default_bytes", 107374182400),
        ({"DATABASE_URL": ""}, "database_url", None),
        ({"DATA_DIR": "/srv/photos"}, "data_dir", Path("/srv/photos")),
        ({"SERVER__TRUSTED_PROXIES": "10.0.0.0/8, ::1"}, "server.trusted_proxies", ("10.0.0.0/8", "::1")),
        ({"OIDC__ADMIN_VALUES": '["a,b"]', "OIDC__ADMIN_CLAIM": "roles"}, "oidc.admin_values", ("a,b",)),
        ({"CORS__ALLOW_ORIGINS": ""}, "cors.allow_origins", ()),
    ],
)
def test_variables_are_read_by_the_kind_of_their_key(environ: dict[str, str], key: str, value: object) -> None:
    assert KEYS[key].of(load_settings(environ)) == value


@pytest.mark.parametrize(
    ("variable", "held", "mistake"),
    [
        ("PORT", "abc", "port (PORT) is 'abc' in the environment; it should be a whole number from 1 to 65535"),
        ("AUTH__SESSION_CACHE_SECONDS", "5", (
            "auth.session_cache_seconds (AUTH__SESSION_CACHE_SECONDS) is '5' in the environment"
            "; it should be a whole number from 0 to 4"
        )),
        ("PORT", "", "port (PORT) is '' in the environment; it should be a whole number from 1 to 65535"),
        ("S3__BUKET", "x", "S3__BUKET in the environment is not a setting; did you mean S3__BUCKET_NAME?"),
        ("LIMITS__MAX_PIXLES", "1", (
            "LIMITS__MAX_PIXLES in the environment"
            " is not a setting; did you mean LIMITS__MAX_PIXELS?"
        )),
        ("QUOTAS__DEFAULT_BYTES", "5", (
            "QUOTAS__DEFAULT_BYTES in the environment"
            " is not a setting; did you mean QUOTA__DEFAULT_BYTES?"
        )),
        ("s3__region_name", "x", "s3__region_name in the environment is not a setting; did you mean S3__REGION_NAME?"),
        ("OIDC__SERVER_METADATA_URL", "https://id.example.org", (
            "oidc.server_metadata_url (OIDC__SERVER_METADATA_URL) is 'https://id.example.org' in the environment"
            "; it should be null or text like https://id.example.org/.well-known/openid-configuration, without query or user"
        )),
        ("LOG__FORMAT", "xml", (
            "log.format (LOG__FORMAT) is 'xml' in the environment"
            "; it should be one of auto, text, json"
        )),
        ("QUOTA__DEFAULT_BYTES", "-1", (
            "quota.default_bytes (QUOTA__DEFAULT_BYTES) is '-1' in the environment"
            "; it should be null or a whole number of at least 0"
        )),
        ("S3__ENDPOINT_URL", "http://me:hidden@s3", (
            "s3.endpoint_url (S3__ENDPOINT_URL) is 'http://***@s3' in the environment"
            "; it should be null or text that is an http:// or https:// URL without query or user"
        )),
        ("DATABASE_URL", "mysql://me:hidden@db/x", (
            "database_url (DATABASE_URL) is wrong in the environment (its value is not shown)"
            "; it should be null or text that is a postgresql:// URL"
        )),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_the_key(variable: str, held: str, mistake: str) -> None:
    assert mistakes({variable: held}) == (mistake,)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = a_file(tmp_path, "prot: 1\nport: true\ns3: {bucket: x}\njwt: hidden\nlimits: {max_side: 1.5}\n")

    found = mistakes({"JOBS__CONCURRENCY": "0"}, path)

    assert found == (
        f"prot in {path} is not a setting; did you mean port?",
        f"port (PORT) is True in {path}; it should be a whole number from 1 to 65535",
        f"s3.bucket in {path} is not a setting; did you mean s3.bucket_name?",
        f"jwt in {path} should be a section with keys of its own",
        f"limits.max_side (LIMITS__MAX_SIDE) is 1.5 in {path}; it should be a whole number of at least 1",
        "jobs.concurrency (JOBS__CONCURRENCY) is '0' in the environment; it should be a whole number from 1 to 1000",
    )


WRONG_SECRET = (
    "jwt.secret_key (JWT__SECRET_KEY) is wrong in PATH (its value is not shown); "
    "it should be null or text that is not empty"
)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("jwt: {secret_key: [hidden", "the settings file PATH is not YAML: see line 2"),
        ("port: 1\nport: hidden", "the settings file PATH is not YAML: see line 2"),
        ("- hidden", "the settings file PATH should hold keys with values at its top"),
        ("hidden", "the settings file PATH should hold keys with values at its top"),
        ("jwt: {secret_key: 12345}", WRONG_SECRET),
    ],
)
def test_a_file_that_cannot_be_used_is_named_but_not_quoted(text: str, mistake: str, tmp_path: Path) -> None:
    path = a_file(tmp_path, text)

    assert mistakes({}, path) == (mistake.replace("PATH", str(path)),)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"

    assert mistakes({}, path) == (f"the settings file {path} cannot be read: No such file or directory",)


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"S3__BUCKET_NAME": "b"}, ["S3__AWS_ACCESS_KEY_ID", "S3__AWS_SECRET_ACCESS_KEY"]),
        ({**S3, "S3__BUCKET_NAME": ""}, ["S3__BUCKET_NAME"]),
        ({**OIDC, "OIDC__CLIENT_SECRET": ""}, ["OIDC__CLIENT_SECRET"]),
        ({"OIDC__CLIENT_ID": "x", "OIDC__CLIENT_SECRET": "y"}, ["OIDC__SERVER_METADATA_URL"]),
        ({**OIDC, "OIDC__ACCEPT_ACCESS_TOKENS": "true"}, ["OIDC__ACCESS_TOKEN_AUDIENCE"]),
        ({"AUTH__REGISTRATION": "invitation"}, ["AUTH__INVITATION_CODES"]),
        ({"CORS__ALLOW_ORIGINS": "*", "CORS__ALLOW_CREDENTIALS": "1"}, ["CORS__ALLOW_ORIGINS"]),
    ],
)
def test_what_does_not_hold_together_names_the_key(environ: dict[str, str], missing: list[str]) -> None:
    found = mistakes(environ | JWT)

    assert [line.split("(")[1].split(")")[0] for line in found] == missing
    assert "hidden" not in str(found)


@pytest.mark.parametrize("outside", [DATABASE, S3, OIDC])
@pytest.mark.parametrize("secret", ["", "changeme", "secret", "x" * 64, "change-me-" * 8, "1234567890" * 4, "ab" * 32])
def test_outside_the_embedded_default_a_weak_secret_stops_the_start(outside: dict[str, str], secret: str) -> None:
    (mistake,) = mistakes({**outside, "JWT__SECRET_KEY": secret})

    assert mistake.startswith("jwt.secret_key (JWT__SECRET_KEY) is " + ("too weak: " if secret else "missing; "))


def test_local_accounts_are_on_unless_people_sign_in_elsewhere() -> None:
    assert load_settings({}).local_accounts_enabled
    assert load_settings(DATABASE | JWT).local_accounts_enabled
    assert not load_settings(OIDC | JWT).local_accounts_enabled
    assert load_settings(OIDC | JWT | {"AUTH__LOCAL_ACCOUNTS": "true"}).local_accounts_enabled
    assert not load_settings({"AUTH__LOCAL_ACCOUNTS": "false"}).local_accounts_enabled


def test_secrets_never_show() -> None:
    settings = load_settings(DATABASE | S3 | OIDC | JWT | {"AUTH__INVITATION_CODES": "hidden,hidden"})

    shown = f"{settings!r} {settings} {describe(settings)}"

    assert "pass-word" not in shown
    assert "hidden" not in shown
    assert GOOD_SECRET not in shown
    assert ("database_url", "postgresql://app:***@db:5432/photos", "environment") in describe(settings)
    assert ("auth.invitation_codes", "[***, ***]", "environment") in describe(settings)
    assert ("port", "8000", "default") in describe(settings)


@pytest.mark.parametrize("url", ["postgres://u:1/2@h/d", "postgres://[u:p@h", "u:p@h"])
def test_an_odd_url_shows_nothing(url: str) -> None:
    assert str(SecretUrl(url)) == "***"


def test_the_embedded_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path / "new" / "data")})

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(secret_key_of, [settings] * 16))

    (path,) = (tmp_path / "new" / "data").iterdir()
    assert made == {Secret(path.read_text().strip())}
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert load_settings(DATABASE | {"JWT__SECRET_KEY": made.pop().reveal()}).jwt.secret_key  # strong enough anywhere


def test_an_empty_secret_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "jwt_secret_key").touch()

    with pytest.raises(SettingsError, match="is empty; remove it"):
        secret_key_of(load_settings({"DATA_DIR": str(tmp_path)}))


def test_media_urls_have_a_key_of_their_own() -> None:
    old, far_older = "q7Zr2LwXv9TnB4sKc8YfJ1mDgH6pUeA0", "Vt5oRk3NxC7yWqLzE1bSaM9iGdPh2FuJ"
    settings = load_settings(JWT | {"JWT__PREVIOUS_SECRET_KEYS": old, "MEDIA__PREVIOUS_SIGNING_KEYS": far_older})

    now, derived_from_old, older = media_signing_keys_of(settings)

    assert len({now, derived_from_old, older, secret_key_of(settings)}) == 4
    assert older == Secret(far_older)
    own = replace(settings, media=replace(settings.media, signing_key=Secret("own")))
    assert media_signing_keys_of(own) == (Secret("own"), Secret(far_older))
