"""What one run of the practice LMS is told at its start."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lti_tool.practice_lms.activities import ActivitySpec
from lti_tool.practice_lms.personalities import plain
from lti_tool.practice_lms.personality import Personality


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses and the one registration.

    ``address`` (ours) and ``tool_url`` have no trailing slash. They must lie on different
    sites (``127.0.0.1`` and ``localhost`` do), or the browser would treat the tool
    in its frame as first-party and hide every cookie fault.
    """

    address: str
    tool_url: str
    data_dir: Path
    activities: tuple[ActivitySpec, ...]
    controls: bool = False
    personality: Personality = plain
    issuer_override: str | None = None

    @property
    def issuer(self) -> str:
        """The ``iss`` of our tokens; it need not be an address of ours."""
        return self.issuer_override or self.personality.shared_issuer or self.address

    @property
    def client_id(self) -> str:
        """What the tool is called here."""
        return self.personality.client_id

    @property
    def deployment_id(self) -> str:
        """The one installation of the tool."""
        return self.personality.deployment_id

    @property
    def login_url(self) -> str:
        """Where the tool takes a login initiation (LTI Security Framework 1.0 §5.1.1.1)."""
        return f"{self.tool_url}/lti/login"

    @property
    def redirect_uri(self) -> str:
        """The tool's only registered redirect URI, compared byte for byte."""
        return f"{self.tool_url}/lti/launch"

    @property
    def tool_jwks_url(self) -> str:
        """Where the tool publishes the keys it signs client assertions with."""
        return f"{self.tool_url}/lti/jwks"

    @property
    def tool_origin(self) -> str:
        """Scheme, host and port of the tool, as a Content-Security-Policy wants it."""
        parts = urlsplit(self.tool_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def auth_url(self) -> str:
        """Our OIDC authorisation endpoint."""
        return f"{self.address}/lti/auth"

    @property
    def token_url(self) -> str:
        """Our OAuth token endpoint; also the only audience we take in a client assertion."""
        return f"{self.address}/lti/token"

    @property
    def jwks_url(self) -> str:
        """Our key set."""
        return f"{self.address}/lti/certs"

    @property
    def notice_handlers_url(self) -> str:
        """Where the tool says which address of its own takes notices."""
        return f"{self.address}/lti/notice-handlers/{self.deployment_id}"

    @property
    def registration_configuration_url(self) -> str:
        """What a tool that registers itself reads first."""
        return f"{self.address}/lti/openid-configuration"

    @property
    def registration_url(self) -> str:
        """Where a tool registers itself; on another host where the personality has several."""
        host = "localhost" if self.personality.registers_elsewhere else None
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{f'{host}:{parts.port}' if host else parts.netloc}/lti/registration"

    @property
    def line_items_url(self) -> str:
        """The line item container. Like Moodle's it may carry a query, which a tool must keep."""
        return f"{self.address}/lti/lineitems{self._query}"

    def memberships_url(self, course: int) -> str:
        """The roster of one course."""
        query = [*([f"type_id={self.deployment_id}"] if self._query else []), *([f"course={course}"] * (course > 1))]
        return f"{self.address}/lti/memberships{'?' if query else ''}{'&'.join(query)}"

    def container_url(self, course: int) -> str:
        """The container of one course: that of the first has no word of it, so that it looks as it always did."""
        if course == 1:
            return self.line_items_url
        return f"{self.line_items_url}{'&' if self._query else '?'}course={course}"

    def line_item_url(self, line_item_id: int, part: str = "") -> str:
        """Address of one line item; ``part`` is "", "/scores" or "/results"."""
        return f"{self.address}/lti/lineitems/{line_item_id}{self.personality.line_item_ending}{part}{self._query}"

    @property
    def _query(self) -> str:
        return f"?type_id={self.deployment_id}" if self.personality.addresses_have_query else ""
