"""Pictures, for the container."""

from dishka import Provider, Scope, from_context, provide

from photostore.upload.pictures import PictureInspector
from photostore_adapters.imaging.inspector import HeaderInspector
from photostore_adapters.imaging.settings import PictureLimits


class ImagingProvider(Provider):
    """Needs a `Clock` from another provider: a picture taken tomorrow is a camera with a wrong clock."""

    scope = Scope.APP

    limits = from_context(PictureLimits, scope=Scope.APP)
    inspector = provide(HeaderInspector, provides=PictureInspector)
