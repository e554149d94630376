"""The values for setting an LMS up by hand, in the order of its own form and under the names that stand there."""

from dataclasses import dataclass

from lti_tool.registering.offer import DESCRIPTION, TITLE, Addresses


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an LMS's form, in English. `is_chosen`: the value is picked there, not typed."""

    label: str
    value: str
    is_chosen: bool = False


def moodle_fields(base_url: str, icon_url: str) -> tuple[Field, ...]:
    """Moodle 4.x: Site administration > Plugins > External tool > Manage tools > configure a tool manually.
    The icon's field stands behind "Show more…"; without it Moodle shows a piece of a puzzle."""
    ours = Addresses(base_url)
    return (
        Field("Tool name", TITLE),
        Field("Tool URL", ours.launch),
        Field("Tool description", DESCRIPTION),
        Field("LTI version", "LTI 1.3", is_chosen=True),
        Field("Public key type", "Keyset URL", is_chosen=True),
        Field("Public keyset", ours.keys),
        Field("Initiate login URL", ours.login),
        Field("Redirection URI(s)", ours.launch),
        Field("Custom parameters", "context_history=$Context.id.history"),
        Field(
            "Tool configuration usage",
            "Show in activity chooser and as a preconfigured tool",
            is_chosen=True,
        ),
        Field("Default launch container", "Embed, without blocks", is_chosen=True),
        Field("Supports Deep Linking (Content-Item Message)", "Ticked", is_chosen=True),
        Field("Content Selection URL", ours.launch),
        Field("Icon URL", icon_url),
        Field(
            "IMS LTI Assignment and Grade Services",
            "Use this service for grade sync and column management",
            is_chosen=True,
        ),
        Field(
            "IMS LTI Names and Role Provisioning",
            "Use this service to retrieve members' information as per privacy settings",
            is_chosen=True,
        ),
        Field("Share launcher's name with tool", "Always", is_chosen=True),
        Field("Share launcher's email with tool", "Never", is_chosen=True),
        Field(
            "Accept grades from the tool",
            "As specified in Deep Linking definition or Delegate to teacher",
            is_chosen=True,
        ),
    )


def canvas_fields(base_url: str) -> tuple[Field, ...]:
    """Canvas: Admin > Developer Keys > + Developer Key > + LTI Key."""
    ours = Addresses(base_url)
    return (
        Field("Key Name", TITLE),
        Field("Redirect URIs", ours.launch),
        Field("Method", "Enter URL", is_chosen=True),
        Field("JSON URL", ours.canvas_json),
    )


def other_fields(base_url: str) -> tuple[Field, ...]:
    """Any other LMS, by the names that the specifications have."""
    ours = Addresses(base_url)
    return (
        Field("OIDC login initiation URL", ours.login),
        Field("Target link URI (launch URL)", ours.launch),
        Field("Redirect URI", ours.launch),
        Field("Deep linking URL", ours.launch),
        Field("Public key set URL (JWKS)", ours.keys),
    )


def _add_command(*options: str) -> str:
    return " \\\n  ".join(["coursewright platforms add", *options])


MOODLE_COMMAND = _add_command(
    '--name "Our Moodle"',
    "--issuer https://MOODLE",
    "--client-id CLIENT_ID",
    "--deployment-id DEPLOYMENT_ID",
    "--auth-login-url https://MOODLE/mod/lti/auth.php",
    "--auth-token-url https://MOODLE/mod/lti/token.php",
    "--jwks-url https://MOODLE/mod/lti/certs.php",
)
CANVAS_COMMAND = _add_command(
    '--name "Our Canvas"',
    "--issuer https://canvas.instructure.com",
    "--client-id CLIENT_ID",
    "--auth-login-url https://sso.canvaslms.com/api/lti/authorize_redirect",
    "--auth-token-url https://SCHOOL.instructure.com/login/oauth2/token",
    "--jwks-url https://sso.canvaslms.com/api/lti/security/jwks",
)
OTHER_COMMAND = _add_command(
    '--name "Our LMS"',
    "--issuer ISSUER",
    "--client-id CLIENT_ID",
    "--auth-login-url AUTHENTICATION_URL",
    "--auth-token-url TOKEN_URL",
    "--jwks-url KEY_SET_URL",
)
