"""`/openapi.json` and `/docs`."""

from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from photostore_http.settings import HttpSettings

DOCUMENTATION: list[type] = []


def openapi_config(settings: HttpSettings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="photostore",
        version=settings.version,
        path="/",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", description="A token.")}
        ),
        security=[{"bearer": []}],
    )
