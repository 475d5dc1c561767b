"""What the machine offers to the container."""

from dishka import Provider, Scope, from_context, provide
from isal import isal_zlib

from photostore.archive.ports import Crc32
from photostore.share_link.ports import ShareFileUrls, ShareTokens, ShareUnlocks
from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.media import MediaUrls
from photostore.user.attempts import PendingSignIns
from photostore.user.ports import AccessTokens, PasswordHasher
from photostore_adapters.system.attempts import PendingSignInSettings, SealedPendingSignIns
from photostore_adapters.system.clock import SystemClock, SystemSecrets
from photostore_adapters.system.ids import SystemIds
from photostore_adapters.system.media_urls import MediaUrlSettings, SignedMediaUrls
from photostore_adapters.system.passwords import Argon2PasswordHasher
from photostore_adapters.system.share_secrets import (
    JwtShareUnlocks,
    SealedShareTokens,
    ShareSecretSettings,
    SignedShareFileUrls,
)
from photostore_adapters.system.tokens import AccessTokenSettings, JwtAccessTokens


class SystemProvider(Provider):
    scope = Scope.APP

    access_token_settings = from_context(AccessTokenSettings, scope=Scope.APP)
    media_url_settings = from_context(MediaUrlSettings, scope=Scope.APP)
    clock = provide(SystemClock, provides=Clock)
    ids = provide(SystemIds, provides=Ids)
    secrets = provide(SystemSecrets, provides=Secrets)
    access_tokens = provide(JwtAccessTokens, provides=AccessTokens)
    pending_sign_in_settings = from_context(PendingSignInSettings, scope=Scope.APP)
    pending_sign_ins = provide(SealedPendingSignIns, provides=PendingSignIns)
    media_urls = provide(SignedMediaUrls, provides=MediaUrls)
    share_secret_settings = from_context(ShareSecretSettings, scope=Scope.APP)
    share_tokens = provide(SealedShareTokens, provides=ShareTokens)
    share_unlocks = provide(JwtShareUnlocks, provides=ShareUnlocks)
    share_file_urls = provide(SignedShareFileUrls, provides=ShareFileUrls)

    @provide
    def crc32(self) -> Crc32:
        # By the vector instructions of the processor, so that a sum costs nothing beside sending the bytes.
        return isal_zlib.crc32


class PasswordsProvider(Provider):
    scope = Scope.APP

    @provide
    def passwords(self) -> PasswordHasher:
        return Argon2PasswordHasher()
