"""botocore in another process, which asks a server; that process knows nothing of fakebackup."""

from __future__ import annotations

import functools
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(NamedTuple):
    """What a client gave its caller.

    Attributes:
        answer: the answer, or the response of the error; None where botocore sent nothing.
        error: the name of the exception's class; "" for none.
        text: the exception's text.
    """

    answer: Any
    error: str = ""
    text: str = ""


class Elsewhere:
    """The other process; it is started when it is first asked, and asked one thing at a time."""

    def __init__(self) -> None:
        """Begin without a process."""
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, environment: Mapping[str, str], operation: str, **parameters: Any) -> Outcome:
        """Call an operation by a client that an environment leads to its server.

        Args:
            environment: as a server gives it.
            operation: AWS's name of the operation.
            parameters: its parameters.
        """
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump((dict(environment), operation, parameters), process.stdin)
        process.stdin.flush()
        found: Outcome = pickle.load(process.stdout)  # noqa: S301  from our own child
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                # Not as a script: what it gives is of this module, under its own name.
                [sys.executable, "-c", "from support.elsewhere import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.fspath(Path(__file__).parents[1])},
            )
        return self._process

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()


# --- In the other process -----------------------------------------------------------------------


def main() -> None:
    """Answer what comes, until nothing more does."""
    while True:
        try:
            environment, operation, parameters = pickle.load(sys.stdin.buffer)  # noqa: S301  from our parent
        except EOFError:
            return
        pickle.dump(_outcome(environment, operation, parameters), sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _outcome(environment: dict[str, str], operation: str, parameters: dict[str, Any]) -> Outcome:
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError

    client, target = _client(environment["AWS_ACCESS_KEY_ID"], environment["AWS_REGION"])
    target[:] = [environment["AWS_ENDPOINT_URL_BACKUP"]]
    try:
        return Outcome(getattr(client, xform_name(operation))(**parameters))
    except ClientError as error:
        return Outcome(error.response, type(error).__name__, str(error))
    except BotoCoreError as error:
        return Outcome(None, type(error).__name__, str(error))


@functools.cache
def _client(key: str, region: str) -> tuple[Any, list[str]]:
    """A client that never retries, and where it sends its requests."""
    from botocore.config import Config
    from botocore.session import Session

    settings: Any = {"max_attempts": 0, "mode": "legacy"}
    client: Any = Session().create_client(
        "backup",
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="secret",  # noqa: S106  nobody checks it
        config=Config(retries=settings),
    )
    target: list[str] = []

    def lead(params: dict[str, Any], **_: object) -> None:
        # A client takes longer to make than to lead from one server to the next.
        url = urlsplit(params["url"])
        params["url"] = url._replace(scheme="http", netloc=urlsplit(target[0]).netloc).geturl()

    client.meta.events.register("before-call.backup", lead)
    return client, target
