"""What every test may ask for. Each fixture lives in `fixtures/`, by the part of the world it starts."""

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.s3",
    "tests.fixtures.oidc",
    "tests.fixtures.network",
]
