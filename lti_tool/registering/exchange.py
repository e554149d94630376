"""The two requests of a registration, to the platform that asked for it. No transaction is open while they run.

The registration token is the admin's leave to add a tool. It goes to the address that came together with it (Canvas
demands it there) and to the registration endpoint that the checked configuration names, and no redirect takes it on.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import requests

from config.outbound import AddressForbidden, BodyTooLarge
from config.words import N_
from lti_tool.claims import MAX_ID, holds_control
from lti_tool.registering.configuration import PlatformConfiguration
from lti_tool.registering.failures import Failure, RegistrationFailed
from lti_tool.registering.offer import TOOL_MEMBER

_SENDABLE = re.compile(r"[\x21-\x7e]{1,8000}")  # what may stand in a header as one word


def is_sendable(token: str) -> bool:
    """Whether a registration token can be sent as a bearer token; '' stands for none."""
    return not token or _SENDABLE.fullmatch(token) is not None


@dataclass(frozen=True, slots=True)
class Registered:
    """What the platform calls us now. `deployment_id` is None where it does not say (Canvas): then launches tell."""

    client_id: str
    deployment_id: str | None


def fetch_configuration(http: requests.Session, url: str, token: str) -> bytes:
    """What the platform says of itself, unread. Raises `RegistrationFailed`: ADDRESS_PRIVATE,
    CONFIGURATION_NO_ANSWER, CONFIGURATION_REFUSED (any status but 200, redirects as well)."""
    try:
        response = http.get(url, headers={"Accept": "application/json", **_bearer(token)})
    except AddressForbidden as error:
        raise _private(url) from error
    except (requests.RequestException, ValueError, OSError) as error:  # ValueError: an impossible host name
        raise _no_answer(Failure.CONFIGURATION_NO_ANSWER, url, error) from error
    if response.status_code != 200:
        raise _refusal(Failure.CONFIGURATION_REFUSED, url, response)
    return response.content


def post_registration(
    http: requests.Session, configuration: PlatformConfiguration, token: str, request: dict[str, Any]
) -> Registered:
    """Ask the platform to take us (LTI Dynamic Registration §4.1).

    Raises `RegistrationFailed`: ADDRESS_PRIVATE, NOT_SENT, ANSWER_LOST, PLATFORM_REFUSED, ANSWER_UNUSABLE.
    """
    url = configuration.registration_endpoint
    headers = {"Accept": "application/json", "Content-Type": "application/json", **_bearer(token)}
    try:
        response = http.post(url, data=json.dumps(request).encode(), headers=headers)
    except AddressForbidden as error:
        raise _private(url) from error
    except (requests.ConnectTimeout, ValueError) as error:
        raise _no_answer(Failure.NOT_SENT, url, error) from error
    except (requests.RequestException, OSError) as error:  # it may have been taken: nobody can know
        raise _no_answer(Failure.ANSWER_LOST, url, error) from error
    if response.status_code not in {200, 201}:
        raise _refusal(Failure.PLATFORM_REFUSED, url, response)
    return read_answer(response.content)


def read_answer(body: bytes) -> Registered:
    """The client id, and the deployment id if there is one, of a registration's answer. Raises ANSWER_UNUSABLE."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise _unusable("it is no JSON") from None
    if not isinstance(document, dict):
        raise _unusable("it is no JSON object")
    client_id = document.get("client_id")
    if not _is_id(client_id):
        raise _unusable("it names no usable client_id")
    tool = document.get(TOOL_MEMBER)
    deployment_id = tool.get("deployment_id") if isinstance(tool, dict) else None
    if deployment_id is not None and not _is_id(deployment_id):
        raise _unusable("its deployment_id is no usable text")
    return Registered(str(client_id), deployment_id)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and value == value.strip() and not holds_control(value)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _no_answer(cause: Failure, url: str, error: Exception) -> RegistrationFailed:
    reason = "it took too long" if isinstance(error, requests.Timeout) else type(error).__name__
    if isinstance(error, BodyTooLarge):
        reason = "the answer is too long"
    return RegistrationFailed(cause, details=((N_("address"), url), (N_("reason"), reason)))


def _refusal(cause: Failure, url: str, response: requests.Response) -> RegistrationFailed:
    status, answer = str(response.status_code), _words(response)
    return RegistrationFailed(cause, details=((N_("address"), url), (N_("status"), status), (N_("answer"), answer)))


def _words(response: requests.Response) -> str:
    """The beginning of what a platform says in a refusal, whatever form it has."""
    if "html" in response.headers.get("Content-Type", "").lower():
        return "(a web page)"
    return " ".join(response.content[:2000].decode("utf-8", "replace").split()) or "(nothing)"


def _private(url: str) -> RegistrationFailed:
    return RegistrationFailed(Failure.ADDRESS_PRIVATE, details=((N_("address"), url),))


def _unusable(fault: str) -> RegistrationFailed:
    return RegistrationFailed(Failure.ANSWER_UNUSABLE, details=((N_("fault"), fault),))
