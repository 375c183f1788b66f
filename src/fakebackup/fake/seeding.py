"""What a test seeds: the methods of FakeBackup that add and remove."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from fakebackup import errors
from fakebackup.fake.placed import Placed
from fakebackup.model.jobs import kinds
from fakebackup.model.jobs.job import Job, build

if TYPE_CHECKING:
    from os import PathLike
    from typing import TypeAlias, TypeVar

    from typing_extensions import Unpack

    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.shapes.series import (
        BackupJobSeries,
        CopyJobSeries,
        ReportJobSeries,
        RestoreJobSeries,
        ScanJobSeries,
    )
    from fakebackup.model.shapes.typed import (
        BackupJobMembers,
        CopyJobMembers,
        RecoveryPointMembers,
        ReportJobMembers,
        RestoreJobMembers,
        ScanJobMembers,
        VaultMembers,
    )
    from fakebackup.model.shapes.typed_entries import (
        BackupAccessPointMembers,
        BackupPlanMembers,
        BackupSelectionMembers,
        FrameworkMembers,
        LegalHoldMembers,
        ReportPlanMembers,
        RestoreTestingPlanMembers,
        RestoreTestingSelectionMembers,
        TieringConfigurationMembers,
    )
    from fakebackup.model.vaults.vault import RecoveryPoint, Vault
    from fakebackup.nouns.records import EntryRecord

    # To some depth only: a text is an iterable of texts without end, and would pass.
    Jobs: TypeAlias = Job | Iterable[Job]
    Deep: TypeAlias = Jobs | Iterable[Jobs]
    Several: TypeAlias = Iterable[Deep]
    Each = TypeVar("Each", bound=Deep)
    Many = TypeVar("Many", bound=Several)


class Seeding(Placed):
    """The part of a fake that seeds it, and dumps it for others to be seeded with."""

    def add_backup_job(self, **members: Unpack[BackupJobMembers]) -> Job:
        """Add a backup job.

        Args:
            members: as AWS spells them. What is left out gets a default that agrees with the
                rest; None leaves a member out. A member AccountId decides the account, the ARN
                of its vault (of a copy job, of its source) the Region, and the account if there
                is no AccountId. Dates are datetimes (naive ones in UTC), ISO 8601 strings or
                seconds since 1970, kept in milliseconds. Sizes are in bytes.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, completion before
                creation, an id that is taken. Nothing is added then.
            FakeBackupError: the fake is not active.
        """
        return self._add_one(kinds.BACKUP, members)

    def add_copy_job(self, **members: Unpack[CopyJobMembers]) -> Job:
        """Add a copy job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(kinds.COPY, members)

    def add_restore_job(self, **members: Unpack[RestoreJobMembers]) -> Job:
        """Add a restore job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(kinds.RESTORE, members)

    def add_scan_job(self, **members: Unpack[ScanJobMembers]) -> Job:
        """Add a malware scan job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(kinds.SCAN, members)

    def add_report_job(self, **members: Unpack[ReportJobMembers]) -> Job:
        """Add a report job; arguments and errors are those of `add_backup_job`."""
        return self._add_one(kinds.REPORT, members)

    def add_backup_jobs(self, count: int, **members: Unpack[BackupJobSeries]) -> list[Job]:
        """Add many backup jobs, all or none.

        Args:
            count: how many.
            members: as for `add_backup_job`; besides, a list or tuple is cycled through, and a
                callable takes the index (0, 1, ...) and returns the value.

        Raises:
            TypeError, ValueError: as `add_backup_job`; the message names the entry.
            FakeBackupError: the fake is not active.
        """
        return self._add_many(kinds.BACKUP, count, members)

    def add_copy_jobs(self, count: int, **members: Unpack[CopyJobSeries]) -> list[Job]:
        """Add many copy jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(kinds.COPY, count, members)

    def add_restore_jobs(self, count: int, **members: Unpack[RestoreJobSeries]) -> list[Job]:
        """Add many restore jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(kinds.RESTORE, count, members)

    def add_scan_jobs(self, count: int, **members: Unpack[ScanJobSeries]) -> list[Job]:
        """Add many scan jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(kinds.SCAN, count, members)

    def add_report_jobs(self, count: int, **members: Unpack[ReportJobSeries]) -> list[Job]:
        """Add many report jobs; arguments and errors are those of `add_backup_jobs`."""
        return self._add_many(kinds.REPORT, count, members)

    def add_vault(self, **members: Unpack[VaultMembers]) -> Vault:
        """Add a backup vault.

        Args:
            members: as AWS spells them, those that DescribeBackupVault and ListBackupVaults
                show, and ``Tags``. What is left out gets a default: the name is a numbered
                one, the vault is locked where a lock's member is given. None leaves a member
                out. BackupVaultArn decides account, Region and name. NumberOfRecoveryPoints
                counts recovery points that are in the vault besides those of the fake. A vault
                that exists only because seeded jobs or recovery points lie in it gets these
                members; its recovery points stay.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, a name that is
                taken or invalid, an invalid ARN. Nothing is added then.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.nouns import vault_seeds

        return vault_seeds.add_vault(self.backend.organization, self._home, members)

    def add_recovery_point(self, **members: Unpack[RecoveryPointMembers]) -> RecoveryPoint:
        """Add a recovery point.

        Args:
            members: as AWS spells them, those that DescribeRecoveryPoint and
                ListRecoveryPointsByBackupVault show, and ``Tags``. What is left out gets a
                default; None leaves a member out. BackupVaultName (or BackupVaultArn, which
                decides account and Region, too) names its vault, "Default" by default; a
                missing one is created. A recovery point that a seeded job has left in that vault
                gets these members. With ``progress="clock"`` its Lifecycle ages it.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, completion before
                creation, an ARN that is taken, a VaultType that is not the vault's. Nothing is
                added then.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.nouns import vault_seeds

        return vault_seeds.add_point(self.backend.organization, self._home, members)

    def add_backup_plan(self, **members: Unpack[BackupPlanMembers]) -> EntryRecord:
        """Add a backup plan, which runs as one does that a client created.

        Args:
            members: as AWS spells them, those that GetBackupPlan and ListBackupPlans show, those
                of the document that CreateBackupPlan takes (inside of BackupPlan or beside it),
                and ``Tags``. What is left out gets a default, a rule for each night included;
                None leaves a member out. BackupPlanArn decides account, Region and id. A plan
                with a DeletionDate is a deleted one. With an id that begins with ``orgs/`` it is
                AWS Organizations', with ``aws/efs/`` EFS's: clients cannot change it.

        Raises:
            TypeError: a member that does not exist, or a value of the wrong type.
            ValueError: a value outside the member's enum, an invalid date, an id that is taken,
                an ARN of something else, and what CreateBackupPlan refuses of the document.
                Nothing is added then.
            FakeBackupError: the fake is not active, or the installed botocore does not know the
                noun.
        """
        return self._add_entry("Backup plan", members)

    def add_backup_selection(self, **members: Unpack[BackupSelectionMembers]) -> EntryRecord:
        """Add a backup selection; arguments and errors are as for `add_backup_plan`.

        BackupPlanId names its plan, which must be there; it may be left out where there is one
        plan in the account and Region. By default it selects everything that was added.
        """
        return self._add_entry("Backup selection", members)

    def add_framework(self, **members: Unpack[FrameworkMembers]) -> EntryRecord:
        """Add a framework; arguments and errors are as for `add_backup_plan`."""
        return self._add_entry("framework", members)

    def add_report_plan(self, **members: Unpack[ReportPlanMembers]) -> EntryRecord:
        """Add a report plan; arguments and errors are as for `add_backup_plan`."""
        return self._add_entry("report plan", members)

    def add_legal_hold(self, **members: Unpack[LegalHoldMembers]) -> EntryRecord:
        """Add a legal hold; arguments and errors are as for `add_backup_plan`.

        It holds, as one that a client creates, those of the recovery points that are there which
        its RecoveryPointSelection selects, by default all; or those of ``RecoveryPoints``, given
        as ListRecoveryPointsByLegalHold lists them. One that is CANCELED or CANCELING holds none.
        """
        return self._add_entry("legal hold", members)

    def add_restore_testing_plan(self, **members: Unpack[RestoreTestingPlanMembers]) -> EntryRecord:
        """Add a restore testing plan; arguments and errors are as for `add_backup_plan`."""
        return self._add_entry("Restore testing plan", members)

    def add_restore_testing_selection(
        self, **members: Unpack[RestoreTestingSelectionMembers]
    ) -> EntryRecord:
        """Add a restore testing selection; arguments and errors are as for `add_backup_plan`.

        RestoreTestingPlanName names its plan, which must be there; it may be left out where there
        is one plan in the account and Region.
        """
        return self._add_entry("Restore testing selection", members)

    def add_tiering_configuration(
        self, **members: Unpack[TieringConfigurationMembers]
    ) -> EntryRecord:
        """Add a tiering configuration; arguments and errors are as for `add_backup_plan`.

        Its vault need not be there.
        """
        return self._add_entry("tiering configuration", members)

    def add_backup_access_point(self, **members: Unpack[BackupAccessPointMembers]) -> EntryRecord:
        """Add a backup access point; arguments and errors are as for `add_backup_plan`.

        Its recovery point need not be there; vault and resource are that one's if it is.
        """
        return self._add_entry("backup access point", members)

    def _add_entry(self, noun: str, members: Mapping[str, Any]) -> EntryRecord:
        organization = self.backend.organization
        organization.check()
        from fakebackup.nouns import seeding as entries
        from fakebackup.nouns.table import NOUNS

        return entries.seed(organization, self._home, NOUNS[noun], members)

    def add_resource(self, arn: str, tags: Mapping[str, str] | None = None) -> None:
        """Add a resource of this account and Region that backup plans may select.

        A selection by the whole ARN of a resource works without it; one by tags or wildcards
        selects among the resources that were added.

        Args:
            arn: the resource's ARN, which shows its type. An ARN that was added before gets the
                new tags.
            tags: its tags; None for none.

        Raises:
            TypeError: tags that are no dict of strings.
            ValueError: an ARN of no resource type that AWS Backup protects.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.nouns import vault_seeds

        vault_seeds.add_resource(self.backend.organization, self._home, arn, tags)

    def _add_one(self, kind: Kind, members: Mapping[str, Any]) -> Job:
        self.backend.organization.check()
        job = build(kind, members)
        self._add([job], batch=False)
        return job

    def _add_many(self, kind: Kind, count: int, members: Mapping[str, Any]) -> list[Job]:
        from fakebackup import factories

        self.backend.organization.check()
        with _uncollected():
            jobs = factories.batch(factories.BY_KIND[kind], count, **members)
            self._add(jobs, batch=True)
        return jobs

    def _add(self, jobs: list[Job], *, batch: bool, built: bool = False) -> None:
        # Not every test seeds.
        from fakebackup.model.engine import seeding

        name = "Entry {} (counted from 0)".format if batch else None
        seeding.add_jobs(self.backend.organization, self._home, jobs, name=name, built=built)

    @overload
    def add(self, what: Job, /) -> Job: ...
    @overload
    def add(self, what: Iterator[Each], /) -> list[Each]: ...
    @overload
    def add(self, what: Many, /) -> Many: ...
    @overload
    def add(self, what: Job | Several, other: Job | Several, /) -> list[Any]: ...
    @overload
    def add(self, *what: Job | Several) -> Any: ...
    def add(self, *what: Any) -> Any:
        """Add jobs that factories built, all or none.

        Args:
            what: jobs, groups, and iterables of them.

        Returns:
            The argument (an iterator as a list), or a list of several arguments.

        Raises:
            TypeError: an argument that no factory built.
            ValueError: a job that is in a fake already, or cannot be added.
            FakeBackupError: the fake is not active.
        """
        self.backend.organization.check()
        given = [list(each) if isinstance(each, Iterator) else each for each in what]
        jobs = list(_flat(given))
        self._add(jobs, batch=len(jobs) > 1, built=True)
        return given[0] if len(given) == 1 else given

    def load(
        self,
        source: str | PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]],
        operation: str | None = None,
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> list[Job]:
        """Load what the List, Describe and Get operations answered, exactly: nothing is added.

        Answers about one thing complete each other, in any order, those of several loads
        included; where they differ, a Describe's or Get's word counts more than a list's.

        Args:
            source: an answer as the AWS CLI prints it or a client returns it; a list of pages; the
                path of a JSON file with either, or of a folder of such files; a document of
                ``python -m fakebackup record`` or of `dump`. The account and Region in an ARN
                decide where a thing lies, else the recorded call's, else this view's. A job
                lies in the account of its AccountId and the Region of the call, or the view's.
                A dump says itself where all lies, and is loaded by itself into an empty fake.
                Of a load that the fake's clients see nothing of a `FakeBackupWarning` tells, and
                of recorded operations that the installed botocore does not know: what they
                answered is left out.
            operation: AWS's name of the operation that answered, where the members do not tell
                it, as those of a flat Describe. The name of a file may tell it, too, if it
                begins with the command of the AWS CLI: ``describe-backup-vault-1.json``.
            parameters: what the operation was asked with, where the answer does not repeat it,
                as the ResourceArn of ListTags.

        Returns:
            The jobs that were added, in their order, kind by kind.

        Raises:
            TypeError, ValueError: a document of no known answer, or of one that holds nothing
                to keep; an invalid entry, one that is there twice or taken, one whose whole is
                nowhere; a newer version of our own documents. The message names the file and
                the position, and nothing is added. A dump, and the fake holds something.
            OSError: a file cannot be read.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.documents import elsewhere
        from fakebackup.documents.load import Loaded, load

        organization = self.backend.organization
        organization.check()
        with _uncollected():
            found = load(organization, self._home, source, operation, parameters)
            if not isinstance(found, Loaded):
                from fakebackup.documents import dump

                homes = dump.restore(self, found.document, found.where)
                found = Loaded(list(organization.jobs.by_id.values()), homes)
        backend = self.backend
        accounts = (backend.options.account_id, self._account, *backend.acting)
        # A view of an account is of any Region of it.
        regions = (backend.options.region, self._region) if self._scope.account is None else ()
        elsewhere.warn(organization, found.homes, accounts, tuple(filter(None, regions)))
        return found.jobs

    def dump(self, path: str | PathLike[str] | None = None) -> dict[str, Any]:
        """Return all that the fake holds, every account and Region, as one JSON document.

        `load` fills a fresh fake with it, which then answers every read alike and goes on
        alike. Calls, events, notifications, failures and answers by hand are a test's, and no
        part of it. On a view it is the whole fake's, too.

        Args:
            path: the path of a file to write it to, as UTF-8; None writes none. A file that is
                there is replaced, when the new one is whole.

        Returns:
            The document: plain JSON values, nothing of which the fake uses further.

        Raises:
            ValueError: a text that is no path.
            OSError: the file cannot be written.
            FakeBackupError: the fake is not active.
        """
        from fakebackup.documents import dump

        with self.backend.organization.working(), _uncollected():
            document = dump.dump(self)
        if path is not None:
            dump.write(path, document)
        return document

    def remove(self, what: Job | Vault | RecoveryPoint | EntryRecord, /) -> None:
        """Remove something from the fake, as if it had never existed: no event tells of it.

        Args:
            what: a job; a vault, with its recovery points; a recovery point, with those nested
                in it; a plan, framework, legal hold or other entry: a backup plan with its
                selections, a restore testing plan with its own. The tags of each go with it,
                and what a legal hold held is free. Jobs stay, whatever they refer to.

        Raises:
            TypeError: none of these.
            ValueError: it is not in this fake.
            FakeBackupError: the fake is not active.
        """
        organization = self.backend.organization
        given: object = what
        if isinstance(what, Job):
            from fakebackup.model.engine import seeding

            seeding.remove(organization, what)
            return
        from fakebackup.model.vaults.vault import RecoveryPoint, Vault
        from fakebackup.nouns import seeding as entries
        from fakebackup.nouns import vault_seeds
        from fakebackup.nouns.records import EntryRecord

        if isinstance(what, Vault):
            vault_seeds.remove_vault(organization, what)
        elif isinstance(what, RecoveryPoint):
            vault_seeds.remove_point(organization, what)
        else:
            organization.check()
            if not isinstance(given, EntryRecord):
                msg = (
                    f"remove() takes a job, a vault, a recovery point or an entry such as a "
                    f"plan, as the add methods return it and the mappings show it, not "
                    f"{errors.quoted(given)}."
                )
                raise TypeError(msg)
            entries.remove(organization, given)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: while many jobs are made it would run often and find nothing."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _flat(given: Any) -> Iterator[Job]:
    # What is open, the outermost first: no recursion, since lists may lie deep in each other.
    opened, reading = {id(given): given}, [iter(given)]
    while reading:
        for each in reading[-1]:
            if isinstance(each, Job):
                yield each
            elif isinstance(each, Iterable) and not isinstance(each, (str, bytes, Mapping)):
                if id(each) in opened:
                    msg = f"add() takes no {type(each).__name__} that holds itself."
                    raise ValueError(msg)
                opened[id(each)] = each
                reading.append(iter(each))
                break
            else:
                msg = (
                    f"add() takes jobs that a factory built, groups and iterables of them, "
                    f"not {errors.quoted(each)}. To seed members, call add_backup_job(**members)."
                )
                raise TypeError(msg)
        else:
            opened.popitem()
            reading.pop()
