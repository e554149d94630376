"""Our registrations as the library wants to see them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.request import Request
from pylti1p3.tool_config.abstract import ToolConfAbstract
from sqlalchemy.orm import Session

from lti_tool.models import Registration
from lti_tool.permission import check_deployment, check_registration
from lti_tool.registrations import ACCEPT, find_deployment, find_registration


class PlatformRegistration(LibraryRegistration):
    """The library's view of a `Registration` row, with the row's id."""

    def __init__(self, row: Registration) -> None:
        self.row_id = row.id
        self._issuer: str = row.issuer
        self._client_id: str = row.client_id
        self._auth_login_url: str = row.auth_login_url
        self._auth_token_url: str = row.auth_token_url
        self._key_set_url: str = row.jwks_url
        self._auth_audience = row.auth_audience

    @property
    def issuer(self) -> str:
        return self._issuer

    @property
    def client_id(self) -> str:
        return self._client_id

    @property
    def key_set_url(self) -> str:
        return self._key_set_url


class Platforms(ToolConfAbstract[Request]):
    """Looks registrations and deployments up by (issuer, client id).

    `open_session` gives the transaction of one look-up: the caller's own, or a short one while none may stay open.
    `unknown_deployments`: "accept", or any other word for not without asking.
    """

    def __init__(
        self, open_session: Callable[[], AbstractContextManager[Session]], unknown_deployments: str = "refuse"
    ) -> None:
        self._open_session = open_session
        self._unknown_deployments = unknown_deployments

    # The library keeps the answer to these two in a mapping shared by every instance, "one client" being the default.
    def check_iss_has_one_client(self, iss: str) -> bool:  # noqa: ARG002 - the library's signature
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:  # noqa: ARG002 - the library's signature
        return True

    def find_registration_by_issuer(self, iss: str, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - as above
        raise LookupError("an issuer alone names nobody")

    def find_deployment(self, iss: str, deployment_id: str) -> NoReturn:  # noqa: ARG002 - as above
        raise LookupError("an issuer alone names nobody")

    def find_registration_by_params(
        self,
        iss: str,
        client_id: str | None,
        *args: Any,  # noqa: ARG002 - the library's signature
        **kwargs: Any,  # noqa: ARG002 - the library's signature
    ) -> PlatformRegistration:
        """Raises `LaunchRefused`, see `find_registration`."""
        with self._open_session() as session:
            return PlatformRegistration(find_registration(session, iss, client_id))

    def find_permitted(self, issuer: str, client_id: str | None) -> PlatformRegistration:
        """The registration, if it may use the tool. Raises `LaunchRefused`, see `find_registration`, and
        REGISTRATION_PENDING, …_DISABLED."""
        with self._open_session() as session:
            row = find_registration(session, issuer, client_id)
            check_registration(row)
            return PlatformRegistration(row)

    def find_deployment_by_params(
        self,
        iss: str,
        deployment_id: str,
        client_id: str,
        *args: Any,  # noqa: ARG002 - the library's signature
        **kwargs: Any,  # noqa: ARG002 - the library's signature
    ) -> LibraryDeployment | None:
        """The deployment if it is known or new ones are accepted, else None; admission makes the row.

        Raises `LaunchRefused` (DEPLOYMENT_PENDING, …_DISABLED) for one that may not use the tool."""
        with self._open_session() as session:
            row = find_deployment(session, find_registration(session, iss, client_id).id, deployment_id)
        if row is not None:
            check_deployment(row)
        elif self._unknown_deployments != ACCEPT:
            return None
        return LibraryDeployment().set_deployment_id(deployment_id)
