"""Every reason for which a login or launch is refused, and what its page says: one table, so that nothing is unsaid.

`message` tells the person what happened, `what_to_do` what helps, with a sentence for the admin where only they can
act. `{name}` is filled from the refusal's details of that name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.causes import Cause


@dataclass(frozen=True, slots=True)
class Advice:
    """The words of an error page, and its HTTP status (400–499: the fault lies in what was sent to us)."""

    title: str
    message: str
    what_to_do: str
    status: int = 400


_AGAIN = "Go back to your course and open the activity again."
_ADMIN = "If it happens every time, show this page to the person who looks after your learning platform."
_SETUP = "This is a matter of set-up: show this page to the person who looks after your learning platform."
_VENDOR = (
    "Opening the activity again will not help. Show this page to the person who looks after your learning platform; "
    "for them: the launch message does not follow LTI 1.3, so its sender must be corrected or updated."
)
_CLOCK = (
    f"{_AGAIN} If the same page appears, show it to the person who looks after your learning platform. For them: the "
    "clock of the platform's server or of this tool's server is wrong; set both by NTP. Up to 60 seconds are tolerated."
)

ADVICE: Mapping[Cause, Advice] = {
    Cause.ISSUER_MISSING: Advice(
        "This page is opened from a course",
        "Your learning platform starts this page, and it must say who it is. It did not (no iss).",
        f"Open the activity from within your course. {_ADMIN}",
    ),
    Cause.LOGIN_HINT_MISSING: Advice(
        "This page is opened from a course",
        "Your learning platform starts this page, and it must hint who is logged in. It did not (no login_hint).",
        f"Open the activity from within your course. {_ADMIN}",
    ),
    Cause.CLIENT_ID_MISSING: Advice(
        "The platform did not say which client it is",
        "Several registrations share the address {issuer}, and the login request named no client_id.",
        f"{_SETUP} For them: make the platform send client_id with its login request.",
    ),
    Cause.UNKNOWN_REGISTRATION: Advice(
        "Your learning platform is not registered here",
        "The platform calls itself {issuer} with the client id {client id}. This tool has no such registration.",
        f"{_SETUP} For them: compare both values with the registration, every character counts, or add it: {{command}}",
        404,
    ),
    Cause.PARAMETER_REPEATED: Advice(
        "The request is ambiguous",
        "The parameter {parameter} was sent more than once, so it is not clear which value is meant.",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.PARAMETER_TOO_LONG: Advice(
        "The request is too long",
        "The parameter {parameter} is longer than this tool accepts.",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.PARAMETER_MALFORMED: Advice(
        "The request cannot be read",
        "The parameter {parameter} holds characters that are no text.",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.PLATFORM_ERROR: Advice(
        "Your learning platform ended the launch",
        "It answered with the error {error}. Most often the launch has expired, or the page was reloaded.",
        f"Go back to your course, log in again if asked to, and open the activity again. {_ADMIN}",
    ),
    Cause.STATE_MISSING: Advice(
        "This page is opened from a course",
        "What arrived is not the answer to a login that began here (no state).",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.STATE_UNKNOWN: Advice(
        "This launch is not known here",
        "It did not begin here, or it began so long ago that it has been forgotten.",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.STATE_EXPIRED: Advice(
        "This launch took too long",
        "Too much time passed between the click in your course and this page.",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.STATE_REPLAYED: Advice(
        "This launch has been used already",
        "Each click in your course opens this page once. It was reloaded, or sent a second time.",
        _AGAIN,
        409,
    ),
    Cause.STATE_OTHER_BROWSER: Advice(
        "This launch began in another browser",
        "The browser that shows this page could not be recognised as the one in which the activity was opened.",
        f"{_AGAIN} If that does not help, your browser keeps cookies away from pages inside other pages: open the "
        "activity in a new window, or allow cookies for this site.",
        403,
    ),
    Cause.STATE_OTHER_PLATFORM: Advice(
        "This launch was answered by another platform",
        "It began at {began at}, and the answer comes from {answered by}.",
        f"{_AGAIN} If you did not click in a course just now, close this page. {_ADMIN}",
        403,
    ),
    Cause.NONCE_MISSING: Advice("The launch message is incomplete", "It carries no nonce.", _VENDOR),
    Cause.NONCE_MISMATCH: Advice(
        "This launch does not fit its login",
        "The message answers another login than the one that began here (its nonce differs).",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.NONCE_REPLAYED: Advice(
        "This launch message has been used already",
        "The message belongs to an earlier launch that has been used (its nonce is spent).",
        _AGAIN,
        409,
    ),
    Cause.TOKEN_MISSING: Advice(
        "The launch message is missing",
        "Your learning platform sent no launch message (no id_token).",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.TOKEN_TOO_LARGE: Advice(
        "The launch message is too long",
        "It is longer than the 64 KB that this tool accepts.",
        f"{_SETUP} For them: very many or very long custom parameters are the usual reason.",
    ),
    Cause.TOKEN_MALFORMED: Advice(
        "The launch message cannot be read",
        "It is not a well-formed signed message: {fault}.",
        f"{_AGAIN} {_ADMIN}",
    ),
    Cause.TOKEN_ALGORITHM: Advice(
        "The launch message is signed in a way we do not accept",
        "Only RS256 is accepted; the message says {alg}.",
        f"{_SETUP} For them: choose RS256 for this tool.",
    ),
    Cause.TOKEN_EMBEDDED_KEY: Advice(
        "The launch message brings its own key",
        "Its header holds {header}. Keys are taken from the registered key set only.",
        _VENDOR,
    ),
    Cause.TOKEN_CRITICAL: Advice(
        "The launch message asks for something unknown",
        "Its header declares extensions as critical (crit) that this tool does not know.",
        _VENDOR,
    ),
    Cause.KID_MISSING: Advice("The launch message names no key", "Its header has no kid.", _VENDOR),
    Cause.KID_UNKNOWN: Advice(
        "The launch message is signed with an unknown key",
        "The platform's key set holds no usable key with the id {kid}.",
        f"Wait a minute, go back to your course and open the activity again. {_ADMIN} For them: {{key set}} must list "
        "this key as RSA with 2048 bits or more, and be the address registered here.",
    ),
    Cause.SIGNATURE: Advice(
        "The launch message was changed or signed by somebody else",
        "Its signature does not fit the platform's key.",
        f"{_AGAIN} {_ADMIN} For them: compare the registered key set address with the platform's.",
    ),
    Cause.KEY_SET_UNREACHABLE: Advice(
        "Your learning platform cannot be reached",
        "To check the launch, this tool must read the platform's keys, and {key set} did not answer: {reason}.",
        f"Wait a minute, go back to your course and open the activity again. {_ADMIN} For them: the address must be "
        "reachable from this tool's server.",
        424,
    ),
    Cause.KEY_SET_UNUSABLE: Advice(
        "Your learning platform's keys cannot be read",
        "The address {key set} does not answer with a key set: {reason}.",
        f"{_SETUP} For them: the registered key set address must answer with a JSON Web Key Set, without redirects.",
        424,
    ),
    Cause.KEY_SET_FORBIDDEN: Advice(
        "Your learning platform lies at a private address",
        "The platform's keys are at {key set}, which is not on the public internet.",
        f"{_SETUP} For them: if private addresses are wanted, set COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS=on.",
        424,
    ),
    Cause.ISSUER: Advice(
        "The launch message comes from somebody else",
        "It names the issuer {issuer}; this launch began at {expected}.",
        f"{_SETUP} For them: the registered issuer must equal the platform's, every character counts.",
    ),
    Cause.AUDIENCE: Advice(
        "The launch message is meant for somebody else",
        "It is addressed to {audience}; the registration here has the client id {expected}.",
        f"{_SETUP} For them: compare the client id on both sides.",
    ),
    Cause.AZP: Advice(
        "The launch message is meant for somebody else",
        "It was issued to {azp} (azp); the registration here has the client id {expected}.",
        f"{_SETUP} For them: compare the client id on both sides.",
    ),
    Cause.EXP_MISSING: Advice("The launch message is incomplete", "It does not say when it expires (exp).", _VENDOR),
    Cause.EXPIRED: Advice(
        "This launch has expired",
        "By this tool's clock, the launch message ran out {seconds} seconds ago.",
        _CLOCK,
    ),
    Cause.IAT_MISSING: Advice("The launch message is incomplete", "It does not say when it was made (iat).", _VENDOR),
    Cause.IAT_FUTURE: Advice(
        "The clocks disagree",
        "By this tool's clock, the launch message is from the future: the clocks are {seconds} seconds apart.",
        _CLOCK,
    ),
    Cause.IAT_OLD: Advice(
        "This launch has expired",
        "By this tool's clock, the launch message was made {seconds} seconds ago.",
        _CLOCK,
    ),
    Cause.NOT_BEFORE: Advice(
        "The clocks disagree",
        "By this tool's clock, the launch message holds only {seconds} seconds from now (nbf).",
        _CLOCK,
    ),
    Cause.VERSION: Advice(
        "The platform speaks another LTI version",
        "The launch message must say LTI version 1.3.0; it says {version}.",
        _VENDOR,
    ),
    Cause.MESSAGE_TYPE_MISSING: Advice(
        "The launch message is incomplete", "It does not say what it is (message_type).", _VENDOR
    ),
    Cause.MESSAGE_TYPE_UNKNOWN: Advice(
        "The launch message is of an unknown kind", "Its message_type is {message type}.", _VENDOR
    ),
    Cause.MESSAGE_TYPE_UNSUPPORTED: Advice(
        "This kind of launch is not supported yet",
        "Your learning platform sent a {message type}. This tool opens activities; it cannot answer this one yet.",
        "Open the activity itself from your course. For the admin: switch this placement off for the tool.",
    ),
    Cause.DEPLOYMENT_MISSING: Advice("The launch message is incomplete", "It names no deployment_id.", _VENDOR),
    Cause.DEPLOYMENT_REFUSED: Advice(
        "The tool is not approved for this place",
        "The platform is known, its deployment {deployment id} is not, and new ones are not accepted by themselves.",
        f"{_SETUP} For them: {{command}}",
        403,
    ),
    Cause.RESOURCE_LINK: Advice(
        "The launch message is incomplete", "It does not say which link was opened (resource_link).", _VENDOR
    ),
    Cause.TARGET_LINK_URI: Advice(
        "The launch leads somewhere else",
        "The link's target is {target}; this tool answers at {expected}.",
        f"{_SETUP} For them: correct the target_link_uri of the tool or of the link, or COURSEWRIGHT_BASE_URL here.",
    ),
    Cause.ROLES: Advice("The launch message is incomplete", "It has no list of roles.", _VENDOR),
    Cause.USER_MISSING: Advice(
        "Please log in to your course first",
        "Your learning platform did not say who you are, so your work could not be kept.",
        "Log in to your learning platform, then open the activity again. For the admin: visitors who are not logged "
        "in cannot use this activity, and the launch message must carry sub.",
        403,
    ),
    Cause.CLAIM_TYPE: Advice(
        "The launch message holds something unexpected", "The claim {claim} is not as LTI 1.3 has it: {fault}.", _VENDOR
    ),
}
