"""Tags of the resources of AWS Backup.

AWS's shapes do not bound keys and values, so only the number of tags is bounded [documented:
guide, quotas].
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup.answering.lookups import shared_vaults
from fakebackup.answering.pages import page_of
from fakebackup.answering.permissions import check_access
from fakebackup.answering.tags import check_tags, has_tagged, vault_of_tagged
from fakebackup.errors import invalid_parameter, missing_parameter, not_found
from fakebackup.known_errors import NO_POINT
from fakebackup.model.resources.arns import ARN
from fakebackup.model.stores.organization import store_of
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.model.stores.organization import Store


@operation("TagResource")
def tag_resource(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add tags to a resource; an existing key gets the new value."""
    if not asked["Tags"]:
        raise missing_parameter("Tags is missing")
    arn, _ = _tagged(caller, asked, changed=True)
    tags = {**caller.store.tags.get(arn, {}), **asked["Tags"]}
    check_tags(caller, tags)
    caller.store.tags[arn] = tags
    return {}


@operation("UntagResource")
def untag_resource(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remove tags from a resource; a key that it does not have is ignored [assumed]."""
    if not asked["TagKeyList"]:
        raise missing_parameter("TagKeyList is missing")
    arn, _ = _tagged(caller, asked, changed=True)
    tags = caller.store.tags.get(arn, {})
    removed = asked["TagKeyList"]
    caller.store.tags[arn] = {key: tags[key] for key in tags if key not in removed}
    return {}


@operation("ListTags", items="Tags")
def list_tags(caller: Caller, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List a resource's tags, by key [assumed]; a recovery point may have any ARN [assumed].

    Those of a vault that is shared with the caller, and of the recovery points in it, are shown
    as well [documented: guide, air-gapped vaults].
    """
    arn, store = _tagged(caller, asked, changed=False)
    tags = sorted(store.tags.get(arn, {}).items())
    page, more = page_of(caller, asked, tags, lambda tag: (tag[0],))
    return {"Tags": dict(page), **more}


def _tagged(caller: Caller, asked: Mapping[str, Any], *, changed: bool) -> tuple[str, Store]:
    """Return the ARN of the resource in the parameters, and the store that has it.

    Args:
        caller: the caller.
        asked: the parameters.
        changed: whether its tags are to change: AWS Backup changes those of its own ARNs only
            [documented: model]; other ARNs' tags are those of their service.

    Raises:
        AwsError: InvalidParameterValueException, ResourceNotFoundException; AccessDeniedException
            where the policy of its vault denies the operation.
    """
    arn: str = asked["ResourceArn"]
    parts = re.fullmatch(ARN, arn)
    if parts is None or (changed and parts["service"] != "backup"):
        raise invalid_parameter(f"ResourceArn {arn!r} is not valid: it cannot be tagged")
    store: Store | None = caller.store
    if not has_tagged(caller.store, arn):
        # What is shared can be looked at only.
        store = None if changed else _sharing(caller, arn)
    if store is None:
        raise NO_POINT.error() if _is_point(arn) else not_found(f"Cannot find resource {arn}")
    if caller.options.enforce_policies:
        vault = vault_of_tagged(store, arn)
        if vault is not None:
            check_access(caller, vault, arn)
    return arn, store


def _sharing(caller: Caller, arn: str) -> Store | None:
    """Return the store whose shared vault has an ARN, or a recovery point with it."""
    found = (each for each in shared_vaults(caller) if arn == each.arn or arn in each.points)
    vault = next(found, None)
    return None if vault is None else store_of(vault)


def _is_point(arn: str) -> bool:
    """Return whether an ARN is a recovery point's, as all of other services are that have tags."""
    _, _, service, _, _, resource = arn.split(":", 5)
    return service != "backup" or resource.startswith("recovery-point:")
