"""What is wrong at a platform, told from how it refuses: the symptoms that Moodle and Canvas really show."""

import re
from dataclasses import dataclass

import requests

from config.outbound import AddressForbidden
from lti_tool.errors import shown


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What happened, and what helps, each in whole sentences."""

    fault: str
    advice: str


_KEYS_NOT_FETCHED = (
    "Moodle's server could not fetch this tool's keys. In Moodle, under Site administration > Security > HTTP "
    "security, take the tool's address out of “cURL blocked hosts list” and put its port into “cURL allowed ports "
    "list”; both are needed. Check also that the tool's /lti/jwks can be reached from Moodle's server."
)
_CLOCK = "The clock of the LMS's server or of this machine is wrong: set both by NTP. Moodle forgives not one second."

# The first that is found in what a token endpoint says counts.
_TOKEN_SYMPTOMS = (
    (r"jwks_helper|fix_jwks_alg", _KEYS_NOT_FETCHED),
    (
        r"invalid_scope",
        "The LMS does not allow this tool that service. Moodle: set “IMS LTI Assignment and Grade Services” and “Names "
        "and Role Provisioning” of the tool to “Use this service …”. Canvas: switch the scope on in the LTI key.",
    ),
    (
        r"\baud\b|audience",
        "The LMS expects another audience. Give it with `platforms add … --auth-audience`; Canvas wants the token "
        "address to the letter (take a wrong one away with --auth-audience '').",
    ),
    (
        r"\b(exp|iat|nbf)\b|expired|prior to|not before|in the future",
        _CLOCK,
    ),
    (
        r"jwk error|jws|signature|\bkid\b|jwks|public key|key set",
        "The LMS does not know the key this tool signs with. See that it has the tool's key set address (/lti/jwks) "
        "and not a pasted key, and that its server can reach that address.",
    ),
    (
        r"client|developer key",
        "The LMS does not know this client id, or has switched the tool off. Moodle: activate the tool. Canvas: switch "
        "the key ON and install the app. Compare the client id with `platforms show`.",
    ),
)


def of_no_answer(error: BaseException, address: str) -> Diagnosis:
    """Why nothing came back from `address`."""
    if isinstance(error, AddressForbidden):
        return Diagnosis(
            f"{address} lies in a private network.",
            "If the LMS is meant to be there, set COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS=on.",
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Diagnosis(
            f"The certificate of {address} is not trusted here.",
            "Renew it, or add its authority to those that this machine trusts.",
        )
    if isinstance(error, requests.Timeout):
        return Diagnosis(f"{address} took too long.", "See whether a firewall lies between the two; try again later.")
    return Diagnosis(
        f"There is no connection to {address} ({type(error).__name__}).",
        "See that the address is right and that this machine can reach it.",
    )


def of_token_refusal(status: int, body: str) -> Diagnosis:
    """Why a token endpoint refuses us, from its status and what it says."""
    said = re.sub(r"<[^>]*>", " ", body) if "<" in body else body
    fault = f"The token address answered with HTTP {status}: {shown(' '.join(said.split())) or '(nothing)'}"
    for symptom, advice in _TOKEN_SYMPTOMS:
        if re.search(symptom, body, re.IGNORECASE):
            return Diagnosis(fault, advice)
    if status in {404, 405} or 300 <= status < 400:
        return Diagnosis(fault, "The token address is a wrong one: compare it with what the LMS shows.")
    if status >= 500 or status == 429:
        return Diagnosis(fault, "The LMS is not well at the moment; try again later, then look into its log.")
    return Diagnosis(fault, "Look into the log of the LMS for the reason.")


def of_service_refusal(service: str, cause: str, status: int | None) -> Diagnosis:
    """Why a service refuses a call that carried a fresh token."""
    fault = f"The service for the {service} did not answer as it should ({cause})."
    if status == 401:
        advice = (
            "The LMS refuses its own fresh token. Moodle behind Apache: the web server drops the Authorization header; "
            "set “CGIPassAuth On”. Canvas: the tool is not installed in that course any more."
        )
    elif status == 400:
        advice = "Moodle: the web server must pass on what follows services.php in an address (PATH_INFO)."
    elif status in {403, 404}:
        advice = "The course is gone or over, or the tool is not allowed in it (any more)."
    else:
        advice = "Try again later; then look into the log of the LMS."
    return Diagnosis(fault, advice)
