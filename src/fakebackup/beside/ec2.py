"""EC2 instances: an image, and a snapshot of each of the volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside import snapshots
from fakebackup.beside.parameters import (
    Metadata,
    as_json,
    as_tags,
    of_tags,
    own_tags,
    present,
    tag_specifications,
    taken_by,
)
from fakebackup.beside.snapshots import GIB, Snapshot
from fakebackup.beside.way import Found, Way, where_there
from fakebackup.model.resources.neighbour import Made, Refusal
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

_INSTANCE = "arn:{p}:ec2:{r}:{a}:instance/"
_IMAGE = "arn:{p}:ec2:{r}::image/"

_ENDED = ("shutting-down", "terminated")

_TEXTS = (
    "InstanceType",
    "KernelId",
    "KeyName",
    "RamdiskId",
    "InstanceInitiatedShutdownBehavior",
)
_FLAGS = ("DisableApiTermination", "EbsOptimized")
_OBJECTS = (
    "CapacityReservationSpecification",
    "CpuOptions",
    "CreditSpecification",
    "EnclaveOptions",
    "HibernationOptions",
    "LicenseSpecifications",
    "Placement",
)
"""The metadata that RunInstances takes under their own names, by what their texts hold."""

_OF_ITS_PLACE = (
    "KeyName",
    "NetworkInterfaces",
    "Placement",
    "SecurityGroupIds",
    "SubnetId",
    "VpcId",
)
"""The metadata that mean something in the account and Region of the instance alone."""


class Device(NamedTuple):
    """A volume of an instance that was backed up.

    Attributes:
        snapshot: its snapshot.
        settings: its type, and whether it is deleted with the instance, as RunInstances takes it.
        speed: its Iops and Throughput.
    """

    snapshot: Snapshot
    settings: Mapping[str, Any]
    speed: Mapping[str, int]


class Image(NamedTuple):
    """What is kept of an instance.

    Attributes:
        id: the id of the image.
        devices: its volumes, by the name of the device.
        profile: the name of its instance profile; None where it has none.
        root: the name of the device that it starts from.
        metadata: what GetRecoveryPointRestoreMetadata shows.
    """

    id: str
    devices: Mapping[str, Device]
    profile: str | None
    root: str
    metadata: dict[str, str]

    @property
    def size(self) -> int:
        """The size of all volumes, in bytes."""
        return sum(each.snapshot.gib for each in self.devices.values()) * GIB


class Instances(Way):
    """EC2 instances; what is kept is an `Image`."""

    resource_type = "EC2"
    # AWS's words are not known; EC2 says "does not exist" [assumed].
    gone = "The specified instance does not exist."
    across_accounts = True

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the instances that are not terminated."""
        asked = {} if arn is None else {"InstanceIds": [last_part(arn)]}
        for page in aws.client("ec2").get_paginator("describe_instances").paginate(**asked):
            for each in (each for group in page["Reservations"] for each in group["Instances"]):
                if each["State"]["Name"] not in _ENDED:
                    tags = of_tags(each.get("Tags"))
                    yield Found(aws.arn(_INSTANCE) + each["InstanceId"], tags)

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make an image of an instance, and snapshots of its volumes."""
        ec2, instance_id = aws.client("ec2"), last_part(asked.resource)
        instance = _described(ec2, instance_id)
        if instance["State"]["Name"] in _ENDED:
            raise Refusal(self.gone)
        image_id = ec2.create_image(
            InstanceId=instance_id,
            Name=_NAME.format(instance=instance_id, job=asked.job_id),
            Description=_DESCRIPTION,
            NoReboot=True,
            # Not those of the snapshots, which moto refuses here.
            TagSpecifications=[{"ResourceType": "image", "Tags": as_tags(own_tags(asked))}],
        )["ImageId"]
        kept = Image(
            image_id,
            _devices(ec2, instance, f"Created by CreateImage({instance_id}) for {image_id}", asked),
            _profile(instance),
            instance.get("RootDeviceName", "/dev/sda1"),
            _metadata(ec2, instance, asked),
        )
        return self._made(aws, kept)

    def _made(self, aws: Aws, kept: Image) -> Made:
        arn = aws.arn(_IMAGE) + kept.id
        return Made(self.resource_type, kept, arn, kept.size, kept.metadata)

    def restore(self, aws: Aws, asked: Restore, content: Image) -> str:
        """Run an instance of an image, with volumes of the snapshots."""
        ec2, metadata = aws.client("ec2"), Metadata(asked.metadata)
        # moto runs images that do not exist.
        if not ec2.describe_images(ImageIds=[content.id])["Images"]:
            raise Refusal(f"The image id '[{content.id}]' does not exist")
        devices, speeds = _mappings(content, metadata.json("BlockDeviceMappings") or [])
        settings: dict[str, Any] = {
            **{name: metadata.get(name) for name in _TEXTS},
            **{name: metadata.flag(name) for name in _FLAGS},
            **{name: _stripped(metadata.json(name)) for name in _OBJECTS},
            **_network(metadata),
            "Monitoring": _monitoring(metadata.json("Monitoring")),
            "IamInstanceProfile": _profile_of(metadata, content),
            "MetadataOptions": {"HttpTokens": "required"}
            if metadata.flag("RequireIMDSv2")
            else None,
            "BlockDeviceMappings": devices,
            "TagSpecifications": tag_specifications(asked.tags, "instance", "volume"),
        }
        made = ec2.run_instances(
            ImageId=content.id,
            MinCount=1,
            MaxCount=1,
            **taken_by(ec2, "RunInstances", settings),
        )["Instances"][0]["InstanceId"]
        if settings["DisableApiTermination"]:
            # moto's RunInstances drops it.
            ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": True})
        _speed_up(ec2, made, speeds)
        return aws.arn(_INSTANCE) + str(made)

    def copy(self, aws: Aws, asked: Copy, content: Image) -> Made:
        """Copy an image and its snapshots to the Region and the account of the destination."""
        there = aws.at(asked.destination)
        ec2 = there.client("ec2")
        source = aws.client("ec2").describe_images(ImageIds=[content.id])["Images"]
        if not source:
            raise Refusal(f"The image id '[{content.id}]' does not exist")
        devices = {
            name: each._replace(
                snapshot=snapshots.duplicate(aws, asked, each.snapshot, _DESCRIPTION)
            )
            for name, each in content.devices.items()
        }
        name = _NAME.format(instance=last_part(asked.resource), job=asked.job_id)
        if asked.destination.account == aws.home.account:
            image_id = ec2.copy_image(
                Name=name,
                Description=_DESCRIPTION,
                SourceImageId=content.id,
                SourceRegion=aws.home.region,
            )["ImageId"]
        else:
            # moto's CopyImage does not find what another account shares.
            image_id = ec2.register_image(
                Name=name,
                Description=_DESCRIPTION,
                RootDeviceName=content.root,
                VirtualizationType=source[0].get("VirtualizationType", "hvm"),
                BlockDeviceMappings=[
                    {"DeviceName": device, "Ebs": {"SnapshotId": each.snapshot.id}}
                    for device, each in devices.items()
                ],
            )["ImageId"]
        # Neither call of moto's takes tags.
        ec2.create_tags(Resources=[image_id], Tags=as_tags(own_tags(asked)))
        metadata, profile = content.metadata, content.profile
        if asked.destination != aws.home:
            metadata = {key: metadata[key] for key in metadata if key not in _OF_ITS_PLACE}
        if asked.destination.account != aws.home.account:
            profile = None
            metadata.pop("IamInstanceProfileName", None)
        return self._made(there, Image(image_id, devices, profile, content.root, metadata))

    def delete(self, aws: Aws, content: Image) -> None:
        """Deregister an image, and delete its snapshots."""
        ec2 = aws.client("ec2")
        # One that moto makes for each image, and perhaps not more.
        own = {each.snapshot.id for each in content.devices.values()}
        with where_there():
            for image in ec2.describe_images(ImageIds=[content.id])["Images"]:
                mappings = image.get("BlockDeviceMappings", [])
                own |= {each["Ebs"]["SnapshotId"] for each in mappings if "Ebs" in each}
            ec2.deregister_image(ImageId=content.id)
        for snapshot_id in sorted(own):
            with where_there():
                ec2.delete_snapshot(SnapshotId=snapshot_id)

    def remove(self, aws: Aws, arn: str) -> None:
        """Terminate an instance, and delete its volumes."""
        ec2, instance_id = aws.client("ec2"), last_part(arn)
        volumes = _volumes(_described(ec2, instance_id))
        ec2.modify_instance_attribute(
            InstanceId=instance_id, DisableApiTermination={"Value": False}
        )
        ec2.terminate_instances(InstanceIds=[instance_id])
        for volume_id, _ in volumes.values():
            with where_there():
                ec2.delete_volume(VolumeId=volume_id)


# --- What is kept ---------------------------------------------------------------------------


def _described(ec2: Any, instance_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0][
        "Instances"
    ][0]
    return found


def _volumes(instance: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return the id of each volume, and whether it ends with the instance, by device."""
    return {
        each["DeviceName"]: (each["Ebs"]["VolumeId"], each["Ebs"].get("DeleteOnTermination", False))
        for each in instance.get("BlockDeviceMappings", [])
        if "Ebs" in each
    }


def _devices(
    ec2: Any, instance: Mapping[str, Any], description: str, asked: Backup
) -> dict[str, Device]:
    """Make a snapshot of each volume: moto's image has one of a volume that it makes up."""
    attached = _volumes(instance)
    if not attached:
        return {}
    asked_ids = [volume_id for volume_id, _ in attached.values()]
    volumes = {
        each["VolumeId"]: each for each in ec2.describe_volumes(VolumeIds=asked_ids)["Volumes"]
    }
    found = {}
    for name, (volume_id, deleted) in attached.items():
        volume = volumes[volume_id]
        settings = {"VolumeType": volume["VolumeType"], "DeleteOnTermination": deleted}
        # EC2 tells the Iops of some types that do not take any.
        speed = (
            present({"Iops": volume.get("Iops"), "Throughput": volume.get("Throughput")})
            if volume["VolumeType"] in _FAST
            else {}
        )
        found[name] = Device(snapshots.take(ec2, volume, description, asked), settings, speed)
    return found


def _profile(instance: Mapping[str, Any]) -> str | None:
    arn = instance.get("IamInstanceProfile", {}).get("Arn")
    return None if arn is None else last_part(arn)


def _metadata(ec2: Any, instance: Mapping[str, Any], asked: Backup) -> dict[str, str]:
    """Return the keys of a recorded answer, as far as EC2 tells their values [recorded]."""
    interfaces = [_interface(each) for each in instance.get("NetworkInterfaces", [])]
    groups = [each["GroupId"] for each in instance.get("SecurityGroups", [])]
    first = interfaces[0] if interfaces else {}
    found = {
        "CapacityReservationSpecification": instance.get("CapacityReservationSpecification"),
        "CpuOptions": instance.get("CpuOptions"),
        "CreditSpecification": _credits(ec2, instance),
        "DisableApiTermination": _attribute(ec2, instance, "disableApiTermination"),
        "EbsOptimized": instance.get("EbsOptimized", False),
        "HibernationOptions": instance.get("HibernationOptions") or {"Configured": False},
        "IamInstanceProfileName": _profile(instance),
        "InstanceInitiatedShutdownBehavior": _attribute(
            ec2, instance, "instanceInitiatedShutdownBehavior"
        ),
        "InstanceType": instance["InstanceType"],
        "KeyName": instance.get("KeyName"),
        "Monitoring": instance.get("Monitoring"),
        "NetworkInterfaces": interfaces or None,
        "Placement": instance.get("Placement"),
        "RequireIMDSv2": instance.get("MetadataOptions", {}).get("HttpTokens") == "required"
        or None,
        "SecurityGroupIds": groups or first.get("Groups") or None,
        "SubnetId": instance.get("SubnetId"),
        "VpcId": instance.get("VpcId"),
        # AWS's own is not known: a lower-case uuid, too.
        "aws:backup:request-id": asked.job_id.lower(),
    }
    return {name: _text(value) for name, value in present(found).items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value)


def _attribute(ec2: Any, instance: Mapping[str, Any], name: str) -> Any:
    """Return an attribute of an instance that its description does not have."""
    found = ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute=name)
    return found.get(name[0].upper() + name[1:], {}).get("Value")


def _credits(ec2: Any, instance: Mapping[str, Any]) -> dict[str, str] | None:
    # Other types have none, and EC2 refuses to tell them.
    if not instance["InstanceType"].startswith("t"):
        return None
    asked = [instance["InstanceId"]]
    found = ec2.describe_instance_credit_specifications(InstanceIds=asked)
    modes = [each["CpuCredits"] for each in found["InstanceCreditSpecifications"]]
    return {"CpuCredits": modes[0]} if modes else None


def _interface(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a network interface as RunInstances makes one like it."""
    attachment = described.get("Attachment", {})
    return {
        "DeleteOnTermination": attachment.get("DeleteOnTermination", True),
        "Description": described.get("Description", ""),
        "DeviceIndex": attachment.get("DeviceIndex", 0),
        "Groups": [each["GroupId"] for each in described.get("Groups", [])],
        "Ipv6AddressCount": 0,
        "Ipv6Addresses": [],
        "PrivateIpAddresses": [],
        "SubnetId": described["SubnetId"],
        "InterfaceType": described.get("InterfaceType", "interface"),
    }


# --- What is restored -----------------------------------------------------------------------


def _stripped(value: Any) -> Any:
    """Return an object without what is empty, which descriptions have and requests must not."""
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if each not in ("", None)} or None


def _network(metadata: Metadata) -> dict[str, Any]:
    """Return where an instance is restored to.

    The metadata that AWS Backup offers have both a subnet and network interfaces, of which
    RunInstances takes one alone: the subnet, which is what people change [assumed].
    """
    subnet, groups = metadata.get("SubnetId"), metadata.json("SecurityGroupIds")
    interfaces = metadata.json("NetworkInterfaces")
    if subnet is not None or not interfaces:
        return {"SubnetId": subnet, "SecurityGroupIds": groups}
    return {"NetworkInterfaces": [_without_empty(each) for each in interfaces]}


def _without_empty(interface: Any) -> Any:
    if not isinstance(interface, dict):
        return interface
    return {name: each for name, each in interface.items() if each not in ("", None, [], 0)} | {
        "DeviceIndex": interface.get("DeviceIndex", 0)
    }


def _monitoring(described: Any) -> dict[str, bool] | None:
    """Return a state of monitoring as RunInstances takes it."""
    if not isinstance(described, dict):
        return None
    return {"Enabled": described.get("State") in ("enabled", "pending")}


def _profile_of(metadata: Metadata, content: Image) -> dict[str, str] | None:
    """Return the instance profile to attach.

    Raises:
        Refusal: it is not the one that was backed up.
    """
    name = metadata.get("IamInstanceProfileName")
    if name is None:
        return None
    if name != content.profile:
        # [documented: guide backup-dashboards]
        raise Refusal(
            "AWS Backup does not permit attaching a new instance profile to an EC2 instance. "
            "Please restore using the backed up instance profile."
        )
    return {"Name": name}


_FAST = ("gp3", "io1", "io2")
"""The types of volumes whose speed can be chosen."""


def _mappings(
    content: Image, given: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the devices as RunInstances takes them, and the speeds that are set afterwards.

    moto's RunInstances takes neither Iops nor Throughput, and refuses the types that need them.

    Args:
        content: what is restored.
        given: what the metadata say of devices, which goes before.
    """
    wanted: dict[str, dict[str, Any]] = {
        name: {
            **each.settings,
            **each.speed,
            "SnapshotId": each.snapshot.id,
            "VolumeSize": each.snapshot.gib,
            **present({"Encrypted": each.snapshot.key and True, "KmsKeyId": each.snapshot.key}),
        }
        for name, each in content.devices.items()
    }
    for each in given:
        name = each.get("DeviceName", content.root)
        if "NoDevice" in each:
            wanted.pop(name, None)
        else:
            ebs: dict[str, Any] = _stripped(each.get("Ebs")) or {}
            wanted[name] = wanted.get(name, {}) | ebs
    speeds: dict[str, dict[str, Any]] = {}
    for name, device in wanted.items():
        speed = {key: device.pop(key) for key in ("Iops", "Throughput") if key in device}
        if speed and device.get("VolumeType") in _FAST:
            speeds[name] = speed | {"VolumeType": device.pop("VolumeType")}
    return [{"DeviceName": name, "Ebs": device} for name, device in wanted.items()], speeds


def _speed_up(ec2: Any, instance_id: str, speeds: Mapping[str, Mapping[str, Any]]) -> None:
    """Set the type and the speed of volumes, by device."""
    if not speeds:
        return
    volumes = _volumes(_described(ec2, instance_id))
    for name, settings in speeds.items():
        ec2.modify_volume(VolumeId=volumes[name][0], **settings)


_NAME = "AwsBackup_{instance}_{job}"
_DESCRIPTION = "This image is created by the AWS Backup service."
