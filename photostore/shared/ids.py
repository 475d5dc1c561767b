"""The ids by which rooms know each other's aggregates. All are UUIDs, version 7, so that they sort by creation."""

from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
PhotoId = NewType("PhotoId", UUID)
UploadId = NewType("UploadId", UUID)
HashtagId = NewType("HashtagId", UUID)
AlbumId = NewType("AlbumId", UUID)
ShareLinkId = NewType("ShareLinkId", UUID)
SubmissionId = NewType("SubmissionId", UUID)
WebhookId = NewType("WebhookId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
