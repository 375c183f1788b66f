"""S3 buckets: their objects, kept with the backup.

Kept are all versions of each key: body, metadata, headers, encryption, tags unless BackupOptions
leave them out, and access control lists where the bucket has these enabled. AWS's guide names
objects, tags, these lists and metadata [documented: S3 backups]; so what is of the bucket itself
is not kept: its policy, tags, lifecycle, encryption [assumed]. Nor are storage classes
[documented: restoring S3], version ids, archived objects, and keys whose latest version is a
delete marker [assumed]. AWS Backup demands versioning [documented]; here a bucket may be without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import Metadata, of_tags
from fakebackup.beside.s3_objects import Reader, Writer
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made, Refusal, Restored
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.beside.s3_objects import Version
    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

_BUCKET = "arn:{p}:s3:::"

# Documented: guide, restoring S3.
_NONE_RESTORED = (
    "No objects were restored from {point} to {bucket}. To get notified of these failures, "
    "enable SNS event notifications."
)
_SOME_FAILED = (
    "One or more objects failed to be restored from {point} to {bucket}. To get notified of "
    "these failures, enable SNS event notifications."
)
_NONE_MATCH = "There are no objects that match the restore request for {point}."
_NO_ACLS = (
    "Unable to restore Access Control Lists (ACLs) for bucket because backup was created with "
    "the 'BackupACLs' option disabled. Please proceed with restoring without ACLs"
)


class Bucket(NamedTuple):
    """A bucket as it was; never changed, since copies share it.

    Attributes:
        objects: the versions of each key, the latest first.
        with_acls: whether access control lists were to be kept.
    """

    objects: Mapping[str, tuple[Version, ...]]
    with_acls: bool


class Buckets(Way):
    """S3 buckets."""

    resource_type = "S3"
    # S3's words: AWS Backup's are not known [assumed].
    gone = "The specified bucket does not exist"
    across_accounts = True
    keeps_states = True

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the buckets of the account that lie in the Region."""
        s3 = aws.client("s3")
        for each in _own(s3):
            name = aws.arn(_BUCKET) + each
            if (arn is None or arn == name) and _region(s3, each) == aws.home.region:
                yield Found(name, _bucket_tags(s3, each))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Read a bucket's objects."""
        s3, name = aws.client("s3"), last_part(asked.resource)
        if name not in _own(s3) or _region(s3, name) != aws.home.region:
            raise Refusal(self.gone)
        options = asked.options
        with_acls = options.get("BackupACLs") != "disabled"
        read = Reader(
            s3,
            name,
            with_tags=options.get("BackupObjectTags") != "disabled",
            with_acls=with_acls and _has_acls(s3, name),
        )
        objects = read.objects()
        size = sum(len(each.body) for versions in objects.values() for each in versions)
        return Made(self.resource_type, Bucket(objects, with_acls), size=size)

    def restore(self, aws: Aws, asked: Restore, content: Any) -> Restored:
        """Put objects into a bucket, new or not; what it has under their keys stays as it is."""
        s3, metadata = aws.client("s3"), Metadata(asked.metadata)
        name = last_part(metadata.needed("DestinationBucketName"))
        names = {"point": asked.source.arn, "bucket": name}
        arn = aws.arn(_BUCKET) + name
        with_acls = bool(metadata.flag("RestoreACLs"))
        if with_acls and not content.with_acls:
            raise Refusal(_NO_ACLS)
        items = _items(metadata)
        writer = Writer(s3, name, _depth(metadata), _encryption(metadata), with_acls)
        if metadata.flag("NewBucket"):
            _make(aws, s3, name, with_acls=with_acls)
        # Of a bucket that does not exist S3 says so here.
        present = _keys(s3, name)
        wanted = {
            key: versions
            for key, versions in content.objects.items()
            if items is None or key.startswith(items)
        }
        if not wanted:
            return Restored(arn, _NONE_MATCH.format(**names))
        # AWS Backup replaces no object [documented: guide, restoring S3].
        missing = {key: versions for key, versions in wanted.items() if key not in present}
        failed = sum(not writer.put(key, versions) for key, versions in missing.items())
        if failed and failed == len(missing):
            raise Refusal(_NONE_RESTORED.format(**names))
        return Restored(arn, _SOME_FAILED.format(**names) if failed else None)

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:  # noqa: ARG002  as the others
        """Share what was kept."""
        return Made(self.resource_type, content)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a bucket with all that is in it."""
        s3, name = aws.client("s3"), last_part(arn)
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                s3.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
        s3.delete_bucket(Bucket=name)


# --- Buckets ------------------------------------------------------------------------------


def _own(s3: Any) -> list[str]:
    """Return the names of the account's buckets: moto shows those of all accounts otherwise."""
    return [each["Name"] for each in s3.list_buckets()["Buckets"]]


def _region(s3: Any, name: str) -> str:
    found = s3.get_bucket_location(Bucket=name).get("LocationConstraint")
    return "us-east-1" if found is None else str(found)


def _bucket_tags(s3: Any, name: str) -> dict[str, str]:
    from botocore.exceptions import ClientError

    try:
        return of_tags(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError:
        # It has none.
        return {}


def _has_acls(s3: Any, name: str) -> bool:
    """Return whether a bucket has access control lists enabled; by default it has not."""
    from botocore.exceptions import ClientError

    try:
        [rule] = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    except ClientError:
        return False
    return bool(rule["ObjectOwnership"] != "BucketOwnerEnforced")


def _make(aws: Aws, s3: Any, name: str, *, with_acls: bool) -> None:
    """Make a bucket with versioning, as the role of AWS Backup may [assumed].

    Raises:
        Refusal: the account has it.
    """
    if name in _own(s3):
        # In us-east-1 S3 does not mind.
        raise Refusal(
            "Your previous request to create the named bucket succeeded and you already own it."
        )
    asked: dict[str, Any] = {"Bucket": name}
    if aws.home.region != "us-east-1":
        asked["CreateBucketConfiguration"] = {"LocationConstraint": aws.home.region}
    if with_acls:
        asked["ObjectOwnership"] = "ObjectWriter"
    s3.create_bucket(**asked)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def _keys(s3: Any, name: str) -> set[str]:
    """Return the keys of a bucket; those with delete markers are none [documented: guide]."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name)
    return {each["Key"] for page in pages for each in page.get("Contents", ())}


# --- Metadata -----------------------------------------------------------------------------

_MOST_ITEMS = 5


def _items(metadata: Metadata) -> tuple[str, ...] | None:
    """Return what the keys to restore begin with; None for all of them.

    Raises:
        Refusal: they are no list of 1 to 5 texts.
    """
    found = metadata.json("ItemsToRestore")
    if found is None:
        return None
    fits = isinstance(found, list) and 0 < len(found) <= _MOST_ITEMS
    if not fits or not all(isinstance(each, str) for each in found):
        raise Refusal(
            f"The restore metadata have {metadata.get('ItemsToRestore')!r} for ItemsToRestore: "
            f"a list of 1 to {_MOST_ITEMS} texts is needed."
        )
    return tuple(found)


def _depth(metadata: Metadata) -> int | None:
    """Return how many versions of each key are restored; None for all.

    Raises:
        Refusal: it is neither a number from 1 on nor "all".
    """
    found = metadata.get("RestoreLatestVersionsUpTo")
    if found is not None and found.lower() == "all":
        return None
    number = metadata.number("RestoreLatestVersionsUpTo")
    if number is not None and number < 1:
        raise Refusal(
            f"The restore metadata have {found!r} for RestoreLatestVersionsUpTo: a number from 1 "
            f'on, or "all".'
        )
    return 1 if number is None else number


def _encryption(metadata: Metadata) -> dict[str, str] | None:
    """Return the parameters of the encryption that is asked for; None for the original one.

    Raises:
        Refusal: there is no such type.
    """
    kind = metadata.get("EncryptionType") or "original"
    known: Mapping[str, dict[str, str] | None] = {
        "original": None,
        "sse-s3": {"ServerSideEncryption": "AES256"},
        "sse-kms": {"ServerSideEncryption": "aws:kms"},
    }
    if kind.lower() not in known:
        raise Refusal(
            f"The restore metadata have {kind!r} for EncryptionType: original, SSE-S3 or SSE-KMS."
        )
    found = known[kind.lower()]
    key = metadata.get("KMSKey")
    if found is not None and key is not None and kind.lower() == "sse-kms":
        return found | {"SSEKMSKeyId": key}
    return found
