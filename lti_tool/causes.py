"""Why a login or launch is refused. The words for each are in `refusals.py`."""

from enum import StrEnum


class Cause(StrEnum):
    """Why a login or launch was refused; one value per reason that an admin could tell apart."""

    ISSUER_MISSING = "issuer_missing"
    LOGIN_HINT_MISSING = "login_hint_missing"
    CLIENT_ID_MISSING = "client_id_missing"
    UNKNOWN_REGISTRATION = "unknown_registration"
    PARAMETER_REPEATED = "parameter_repeated"
    PARAMETER_TOO_LONG = "parameter_too_long"
    PARAMETER_MALFORMED = "parameter_malformed"
    PLATFORM_ERROR = "platform_error"
    STATE_MISSING = "state_missing"
    STATE_UNKNOWN = "state_unknown"
    STATE_EXPIRED = "state_expired"
    STATE_REPLAYED = "state_replayed"
    STATE_OTHER_BROWSER = "state_other_browser"
    STATE_OTHER_PLATFORM = "state_other_platform"
    NONCE_MISSING = "nonce_missing"
    NONCE_MISMATCH = "nonce_mismatch"
    NONCE_REPLAYED = "nonce_replayed"
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a cause's name, no secret
    TOKEN_TOO_LARGE = "token_too_large"  # noqa: S105 - as above
    TOKEN_MALFORMED = "token_malformed"  # noqa: S105 - as above
    TOKEN_ALGORITHM = "token_algorithm"  # noqa: S105 - as above
    TOKEN_EMBEDDED_KEY = "token_embedded_key"  # noqa: S105 - as above
    TOKEN_CRITICAL = "token_critical"  # noqa: S105 - as above
    KID_MISSING = "kid_missing"
    KID_UNKNOWN = "kid_unknown"
    SIGNATURE = "signature"
    KEY_SET_UNREACHABLE = "key_set_unreachable"
    KEY_SET_UNUSABLE = "key_set_unusable"
    KEY_SET_FORBIDDEN = "key_set_forbidden"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    AZP = "azp"
    EXP_MISSING = "exp_missing"
    EXPIRED = "expired"
    IAT_MISSING = "iat_missing"
    IAT_FUTURE = "iat_future"
    IAT_OLD = "iat_old"
    NOT_BEFORE = "not_before"
    VERSION = "version"
    MESSAGE_TYPE_MISSING = "message_type_missing"
    MESSAGE_TYPE_UNKNOWN = "message_type_unknown"
    MESSAGE_TYPE_UNSUPPORTED = "message_type_unsupported"
    DEPLOYMENT_MISSING = "deployment_missing"
    DEPLOYMENT_REFUSED = "deployment_refused"
    REGISTRATION_PENDING = "registration_pending"
    REGISTRATION_DISABLED = "registration_disabled"
    DEPLOYMENT_PENDING = "deployment_pending"
    DEPLOYMENT_DISABLED = "deployment_disabled"
    RESOURCE_LINK = "resource_link"
    TARGET_LINK_URI = "target_link_uri"
    ROLES = "roles"
    SELECTION_RETURN = "selection_return"
    SELECTION_ROLE = "selection_role"
    USER_MISSING = "user_missing"
    CLAIM_TYPE = "claim_type"
