"""DynamoDB tables: their keys, indexes, capacity, encryption and items, kept with the backup.

What a restored table has not is what DynamoDB says that one sets up by hand: tags, time to live,
streams, point-in-time recovery, deletion protection [documented: API reference of DynamoDB,
RestoreTableFromBackup].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import Metadata, of_tags
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made, Refusal
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

_TABLE = "arn:{p}:dynamodb:{r}:{a}:table/"


class Table(NamedTuple):
    """A table as it was; never changed, since copies share it.

    Attributes:
        settings: the parameters that make one like it, without its name and encryption.
        key: the ARN of the key of KMS that encrypts it; None for none, as for a copy's, whose
            Region does not have it.
        items: the items, as DynamoDB's client takes them.
    """

    settings: Mapping[str, Any]
    key: str | None
    items: tuple[Mapping[str, Any], ...]


class Tables(Way):
    """DynamoDB tables."""

    resource_type = "DynamoDB"
    gone = "Table not found."
    across_accounts = True

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the tables."""
        dynamodb = aws.client("dynamodb")
        pages = dynamodb.get_paginator("list_tables").paginate()
        names = (name for page in pages for name in page["TableNames"])
        for name in names if arn is None else [last_part(arn)]:
            each = aws.arn(_TABLE) + name
            tags = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=each)
            yield Found(each, {k: v for page in tags for k, v in of_tags(page["Tags"]).items()})

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Read a table and all its items."""
        dynamodb, name = aws.client("dynamodb"), last_part(asked.resource)
        table = dynamodb.describe_table(TableName=name)["Table"]
        pages = dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        items = tuple(item for page in pages for item in page["Items"])
        key = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        metadata = {"originalTableName": name, "encryptionType": "Default"}
        if key is not None:
            metadata |= {"encryptionType": "KMS", "kmsMasterKeyArn": key}
        content = Table(_settings(table), key, items)
        return Made(
            self.resource_type, content, size=sum(map(_item_size, items)), metadata=metadata
        )

    def restore(self, aws: Aws, asked: Restore, content: Any) -> str:
        """Make a table, and write the items to it."""
        dynamodb, metadata = aws.client("dynamodb"), Metadata(asked.metadata)
        name = metadata.needed("targetTableName")
        made = dynamodb.create_table(
            TableName=name, **content.settings, **_encryption(metadata, content.key)
        )
        for at in range(0, len(content.items), _BATCH):
            batch = content.items[at : at + _BATCH]
            left = {name: [{"PutRequest": {"Item": item}} for item in batch]}
            while left:
                left = dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
        return str(made["TableDescription"]["TableArn"])

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:
        """Share what was kept."""
        if asked.destination == aws.home:
            return Made(self.resource_type, content)
        return Made(self.resource_type, content._replace(key=None))

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a table."""
        aws.client("dynamodb").delete_table(TableName=last_part(arn))


_BATCH = 25
"""How many items BatchWriteItem takes."""


# --- Settings -----------------------------------------------------------------------------


def _settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of CreateTable that make a table like a described one."""
    mode = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    provisioned = mode == "PROVISIONED"
    found = {name: table[name] for name in ("AttributeDefinitions", "KeySchema")}
    found |= {"BillingMode": mode} | _capacity(table, provisioned=provisioned)
    for name in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        indexes = [
            {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
            | _capacity(index, provisioned=provisioned and name.startswith("Global"))
            for index in table.get(name, ())
        ]
        if indexes:
            found[name] = indexes
    kept = table.get("TableClassSummary", {}).get("TableClass")
    return found if kept is None else found | {"TableClass": kept}


def _capacity(described: Mapping[str, Any], *, provisioned: bool) -> dict[str, Any]:
    """Return the capacity of a table or an index, as it was provisioned or limited."""
    if provisioned:
        units = described["ProvisionedThroughput"]
        names = ("ReadCapacityUnits", "WriteCapacityUnits")
        return {"ProvisionedThroughput": {name: units[name] for name in names}}
    name = "OnDemandThroughput"
    return {name: described[name]} if described.get(name) else {}


def _encryption(metadata: Metadata, key: str | None) -> dict[str, Any]:
    """Return the parameter of CreateTable for the encryption that the metadata ask for.

    Args:
        metadata: the metadata of the restore; without a type the table is encrypted as it was
            [assumed].
        key: the ARN of the key that it was encrypted with.

    Raises:
        Refusal: there is no such type.
    """
    kind = metadata.get("encryptionType")
    if kind is None:
        kind = "Default" if key is None else "KMS"
    if kind.lower() == "default":
        return {}
    if kind.lower() != "kms":
        raise Refusal(f"The restore metadata have {kind!r} for encryptionType: Default or KMS.")
    named = metadata.get("kmsMasterKeyArn") or key
    used = {} if named is None else {"KMSMasterKeyId": named}
    return {"SSESpecification": {"Enabled": True, "SSEType": "KMS", **used}}


# --- Sizes --------------------------------------------------------------------------------


def _item_size(item: Mapping[str, Any]) -> int:
    """Return the size of an item in bytes, as DynamoDB counts [documented: guide of DynamoDB]."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    [(kind, held)] = value.items()
    if kind in ("SS", "NS", "BS"):
        return sum(_size({kind[0]: each}) for each in held)
    count = _COUNTS.get(kind)
    return 1 if count is None else count(held)


def _number_size(text: str) -> int:
    """Return the size of a number: a byte for two significant digits, and one more."""
    digits = text.lstrip("-").partition("E")[0].replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1


_NESTED = 3
"""What a list or a map takes besides what it holds, in bytes."""

_COUNTS: Mapping[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "B": len,
    "N": _number_size,
    "L": lambda values: _NESTED + sum(1 + _size(each) for each in values),
    "M": lambda item: _NESTED + len(item) + _item_size(item),
}
"""Per type how what it holds is counted; others take a byte."""
