"""What was asked of a started job, beyond its members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.resources.neighbour import Made

    # A final state, the members that a job then has, as the model keeps them, and the names given.
    Ending = tuple[str, tuple[dict[str, Any], frozenset[str]]]


@dataclass(eq=False, repr=False)
class JobRequest:
    """What the Start call or the plan's rule asked of a job, beyond its members.

    It is replaced, never changed in place.

    Attributes:
        outcome: the state in which progress ends the job and the members it then has, as (kept,
            names given); None is COMPLETED.
        complete_by: when its completion window closes, in milliseconds; None if it never does.
        tags: the tags of its recovery point to be.
        metadata: the Metadata that a restore was started with.
        left: the members, as the model keeps them, that it gets by moving instead of the
            default ones.
        index: whether its recovery point is to be indexed.
        copies: the CopyActions to start when its recovery point is complete.
        scans: the scans to start when it is: MalwareScanner, ScanMode and ScannerRoleArn.
        air_gapped: the ARN of the logically air-gapped vault that it names besides its vault.
        temporary: whether its recovery point is deleted once it is copied there.
        continuous: whether it makes a continuous backup, or brings one up to date.
        made: what the mock beside the fake has made for it; None for nothing.
        then: what goes on with the job, called with the job and the instant in milliseconds:
            after each of its moves, and when polls show it after its end.
    """

    outcome: Ending | None = None
    complete_by: int | None = None
    tags: dict[str, str] | None = None
    metadata: dict[str, str] | None = None
    left: dict[str, Any] = field(default_factory=dict)
    index: bool = False
    copies: tuple[Mapping[str, Any], ...] = ()
    scans: tuple[Mapping[str, Any], ...] = ()
    air_gapped: str | None = None
    temporary: bool = False
    continuous: bool = False
    made: Made | None = None
    then: Callable[[Any, int], None] | None = None
