"""Timestream tables: their settings, which is all that a mock tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import Metadata, as_tags, free_tags, of_tags, taken_by
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

_DATABASE = "arn:{p}:timestream:{r}:{a}:database/"


class Table(NamedTuple):
    """What is kept of a table.

    Attributes:
        database: the name of its database.
        name: its name.
        settings: how it was made, as CreateTable takes it.
        tags: its tags.
    """

    database: str
    name: str
    settings: Mapping[str, Any]
    tags: Mapping[str, str]


class Tables(Way):
    """Timestream tables; what is kept is a `Table`."""

    resource_type = "Timestream"
    # AWS's words are not known; Timestream says "does not exist" [assumed].
    gone = "The specified table does not exist."
    across_accounts = True

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the tables."""
        for each in _listed(aws) if arn is None else [_names(arn)]:
            found = _described(aws, *each)
            if found is not None:
                yield Found(found["Arn"], _tags(aws, found["Arn"]))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Keep the settings of a table; no public call of moto's reads its records."""
        database, name = _names(asked.resource)
        found = _described(aws, database, name)
        if found is None:
            raise Refusal(self.gone)
        settings = {each: _taken(found[each]) for each in _SETTINGS if found.get(each)}
        return self._made(Table(database, name, settings, _tags(aws, asked.resource)))

    def _made(self, kept: Table) -> Made:
        retention = kept.settings.get("RetentionProperties", {})
        # By analogy to what a restore takes [assumed].
        metadata = {"TableName": kept.name, "DatabaseName": kept.database}
        metadata |= {name: str(value) for name, value in retention.items()}
        return Made(self.resource_type, kept, metadata=metadata)

    def restore(self, aws: Aws, asked: Restore, content: Table) -> str:
        """Make a table of the settings, in a database that exists."""
        metadata = Metadata(asked.metadata)
        # AWS's example has the other name.
        database = metadata.get("DatabaseName") or metadata.needed("DestinationDatabase")
        name = metadata.needed("TableName")
        settings = dict(content.settings)
        retention = {each: metadata.number(each) for each in _RETENTION}
        settings["RetentionProperties"] = {
            **settings.get("RetentionProperties", {}),
            **{each: value for each, value in retention.items() if value is not None},
        }
        writes = metadata.json("MagneticStoreWriteProperties")
        if writes is None and metadata.flag("EnableMagneticStoreWrites") is not None:
            writes = {"EnableMagneticStoreWrites": metadata.flag("EnableMagneticStoreWrites")}
        if writes is not None:
            settings["MagneticStoreWriteProperties"] = writes
        if _described(aws, database, name) is not None:
            # moto's CreateTable makes it anew.
            raise Refusal(f"The table {name} already exists.")
        client = aws.client(_SERVICE)
        settings |= {"DatabaseName": database, "TableName": name}
        settings["Tags"] = as_tags(free_tags(content.tags))
        client.create_table(**taken_by(client, "CreateTable", settings))
        return f"{aws.arn(_DATABASE)}{database}/table/{name}"

    def copy(self, aws: Aws, asked: Copy, content: Table) -> Made:  # noqa: ARG002  as `Way` has it
        """Keep the same settings in another vault."""
        return self._made(content)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a table."""
        database, name = _names(arn)
        aws.client(_SERVICE).delete_table(DatabaseName=database, TableName=name)


_SERVICE = "timestream-write"
_SETTINGS = ("RetentionProperties", "MagneticStoreWriteProperties", "Schema")
_RETENTION = ("MemoryStoreRetentionPeriodInHours", "MagneticStoreRetentionPeriodInDays")


def _taken(value: Any) -> Any:
    """Return a setting without the empty texts that moto tells of a default schema."""
    if isinstance(value, dict):
        return {name: _taken(each) for name, each in value.items() if each != ""}
    return [_taken(each) for each in value] if isinstance(value, list) else value


def _names(arn: str) -> tuple[str, str]:
    """Return the names of the database and of the table."""
    _, database, _, table = arn.rpartition(":")[2].split("/")
    return database, table


def _listed(aws: Aws) -> Iterator[tuple[str, str]]:
    """Yield the names of all tables, with their databases'."""
    client = aws.client(_SERVICE)
    try:
        databases = list(_pages(client.list_databases, "Databases"))
    except KeyError:
        # What moto raises in a Region that Timestream is not in.
        return
    for database in databases:
        # An older moto refuses to list the tables of all.
        name = database["DatabaseName"]
        for table in _pages(client.list_tables, "Tables", DatabaseName=name):
            yield name, table["TableName"]


def _pages(ask: Callable[..., dict[str, Any]], member: str, **asked: str) -> Iterator[Any]:
    """Yield what all pages of an answer have; botocore has no paginator for Timestream."""
    while True:
        page = ask(**asked)
        yield from page[member]
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _described(aws: Aws, database: str, name: str) -> dict[str, Any] | None:
    """Return a table as it is described; None where there is none."""
    client = aws.client(_SERVICE)
    try:
        found: dict[str, Any] = client.describe_table(DatabaseName=database, TableName=name)
    except (KeyError, client.exceptions.ResourceNotFoundException):
        return None
    return found["Table"]  # type: ignore[no-any-return]


def _tags(aws: Aws, arn: str) -> dict[str, str]:
    return of_tags(aws.client(_SERVICE).list_tags_for_resource(ResourceARN=arn)["Tags"])
