"""What the tests of whole programs stand on; they run where those programs are installed."""

from __future__ import annotations

from importlib.util import find_spec

NEEDS = {
    "test_ansible.py": ("ansible", "ansible_collections.amazon.aws"),
    "test_aws_cli.py": ("awscli",),
    "test_aws_cli_served.py": ("awscli",),
    "test_aws_list_all.py": ("aws_list_all",),
    "test_cloud_custodian.py": ("c7n", "moto"),
    "test_prowler.py": ("moto", "prowler"),
}
"""What a file of tests imports that only tox's `tools` or `programs` environment has."""


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of the package that holds it
        return False


MISSING = {
    file: lacking
    for file, needed in NEEDS.items()
    if (lacking := [name for name in needed if not _is_there(name)])
}

collect_ignore = list(MISSING)


def pytest_report_header() -> list[str]:
    """Say what is not collected, and why."""
    return [f"{file}: not run, {', '.join(names)} missing" for file, names in MISSING.items()]
