"""The objects of S3 buckets: read with all their versions, and put again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from fakebackup.beside.parameters import of_tags

if TYPE_CHECKING:
    from collections.abc import Mapping


_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "WebsiteRedirectLocation",
)
_ENCRYPTION = ("BucketKeyEnabled", "SSEKMSKeyId", "ServerSideEncryption")
_ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")
"""The storage classes that AWS Backup does not read."""

_GRANTS = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
}


class Version(NamedTuple):
    """A version of an object.

    Attributes:
        body: what is in it.
        settings: the parameters that put it again: headers, metadata, tags.
        encryption: those of its encryption.
        grants: those of its access control list.
    """

    body: bytes
    settings: Mapping[str, Any]
    encryption: Mapping[str, Any]
    grants: Mapping[str, str]


class Reader(NamedTuple):
    """What reads the objects of a bucket.

    Attributes:
        s3: the client.
        bucket: the bucket's name.
        with_tags: whether tags are read.
        with_acls: whether access control lists are read.
    """

    s3: Any
    bucket: str
    with_tags: bool
    with_acls: bool

    def objects(self) -> dict[str, tuple[Version, ...]]:
        """Return the versions of each key, the latest first."""
        found: dict[str, list[tuple[bool, Version]]] = {}
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket)
        deleted = set()
        for page in pages:
            deleted |= {each["Key"] for each in page.get("DeleteMarkers", ()) if each["IsLatest"]}
            for each in page.get("Versions", ()):
                if each.get("StorageClass") not in _ARCHIVED:
                    read = (not each["IsLatest"], self._version(each["Key"], each["VersionId"]))
                    found.setdefault(each["Key"], []).append(read)
        return {
            key: tuple(version for _, version in sorted(versions, key=lambda each: each[0]))
            for key, versions in found.items()
            if key not in deleted
        }

    def _version(self, key: str, version_id: str) -> Version:
        asked = {"Bucket": self.bucket, "Key": key, "VersionId": version_id}
        shown = self.s3.get_object(**asked)
        settings = {name: shown[name] for name in _HEADERS if shown.get(name)}
        if self.with_tags and shown.get("TagCount"):
            tags = of_tags(self.s3.get_object_tagging(**asked)["TagSet"])
            settings["Tagging"] = urlencode(tags)
        encryption = {name: shown[name] for name in _ENCRYPTION if shown.get(name)}
        grants = self._grants(asked) if self.with_acls else {}
        return Version(shown["Body"].read(), settings, encryption, grants)

    def _grants(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Return an access control list as the parameters of PutObject."""
        found: dict[str, list[str]] = {}
        for each in self.s3.get_object_acl(**asked)["Grants"]:
            grantee = each["Grantee"]
            named = f'uri="{grantee["URI"]}"' if "URI" in grantee else f'id="{grantee["ID"]}"'
            found.setdefault(_GRANTS[each["Permission"]], []).append(named)
        return {name: ",".join(grantees) for name, grantees in found.items()}


class Writer(NamedTuple):
    """What puts objects into a bucket.

    Attributes:
        s3: the client.
        bucket: the bucket's name.
        depth: how many versions of each key it puts; None for all.
        encryption: the parameters of the encryption; None for that which each had.
        with_acls: whether it restores access control lists.
    """

    s3: Any
    bucket: str
    depth: int | None
    encryption: Mapping[str, Any] | None
    with_acls: bool

    def put(self, key: str, versions: tuple[Version, ...]) -> bool:
        """Put the versions of an object; return whether S3 took them.

        Args:
            key: the object's key.
            versions: the versions, the latest first: it is put last.
        """
        from botocore.exceptions import ClientError

        try:
            for each in reversed(versions[: self.depth]):
                self.s3.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=each.body,
                    **each.settings,
                    **(each.encryption if self.encryption is None else self.encryption),
                    **(each.grants if self.with_acls else {}),
                )
        except ClientError:
            return False
        return True
