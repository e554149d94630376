"""What a launch says (LTI Core §5.3, §5.4; Deep Linking §4.4): only this module knows where in a token it stands."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from config.words import N_
from lti_tool import claims
from lti_tool.addresses import is_on_origin_of, split_web_address
from lti_tool.causes import Cause
from lti_tool.claims import Claims
from lti_tool.deep_linking.requests import SelectionRequest, read_selection_request
from lti_tool.errors import LaunchRefused
from lti_tool.roles import INSTRUCTOR, is_administrator, is_test_user, role_of

log = logging.getLogger(__name__)

RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"
# A draft that platforms spell in two ways.
DATA_PRIVACY_REQUESTS = frozenset({"DataPrivacyLaunchRequest", "LtiDataPrivacyLaunchRequest"})
ANSWERED_MESSAGES = frozenset(
    {RESOURCE_LINK_REQUEST, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST, *DATA_PRIVACY_REQUESTS}
)
UNSUPPORTED_MESSAGES = frozenset(
    {
        "LtiContextLaunchRequest", "LtiEulaRequest",
        "LtiAssetProcessorSettingsRequest", "LtiReportReviewRequest", "LtiStartProctoring", "LtiStartAssessment",
        "LtiEndAssessment",
    }
)  # fmt: skip
CONTEXT_COPY_NOTICE = "LtiContextCopyNotice"
SCOPE_NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
MAX_LOCALE = 35  # characters, as `Seat.locale`
MAX_PRODUCT_FAMILY = 64  # characters, as `Registration.product_family`


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that was let in: verified, plain values, '' or None where the platform said nothing.

    `deployment_id`, `context_id`, `resource_link_id` and `sub` are the platform's own ids, unique only within their
    parent; `context_id` is '' for a link outside any course. `role` is "instructor" or "learner". `selection` is set
    when activities are to be chosen: such a launch names no resource link ('') and maybe no target ('').
    `reviewed_sub` is whose work is to be shown, where the gradebook asks for it (Submission Review §3); such a launch
    may name a column and no resource link. `privacy_sub` is whose data a data privacy launch is about: it names neither
    a link nor a course. `is_administrator`: of the platform, not of a course. `notices_url`: where the platform takes
    handlers for notices that a course was copied.
    """

    registration_id: int
    deployment_id: str
    context_id: str
    context_title: str
    resource_link_id: str
    resource_link_title: str
    sub: str
    name: str = field(repr=False)  # a person's name has no business in a traceback
    role: str
    is_test_user: bool
    target_link_uri: str
    custom: Mapping[str, str]
    return_url: str | None
    locale: str
    document_target: str
    product_family: str
    line_item_url: str | None
    line_items_url: str | None
    ags_scopes: tuple[str, ...]
    issued_at: datetime
    selection: SelectionRequest | None = None
    memberships_url: str | None = None
    reviewed_sub: str | None = None
    privacy_sub: str | None = None
    is_administrator: bool = False
    notices_url: str | None = None


def check_version(payload: Claims) -> None:
    """That the message is of LTI 1.3. Raises VERSION (LTI Core §5.3.2)."""
    version = payload.get(claims.VERSION)
    if version != "1.3.0":
        raise LaunchRefused(Cause.VERSION, details=((N_("version"), "nothing" if version is None else version),))


def check_message_type(payload: Claims) -> None:
    """That the message is of a kind we answer. Raises VERSION or MESSAGE_TYPE_… (LTI Core §5.3.1, §5.3.2)."""
    check_version(payload)
    message_type = payload.get(claims.MESSAGE_TYPE)
    if not isinstance(message_type, str) or not message_type:
        raise LaunchRefused(Cause.MESSAGE_TYPE_MISSING)
    if message_type in UNSUPPORTED_MESSAGES:
        raise LaunchRefused(Cause.MESSAGE_TYPE_UNSUPPORTED, details=((N_("message type"), message_type),))
    if message_type not in ANSWERED_MESSAGES:
        raise LaunchRefused(Cause.MESSAGE_TYPE_UNKNOWN, details=((N_("message type"), message_type),))


def deployment_id_of(payload: Claims) -> str:
    """The deployment id (LTI Core §5.3.3). Raises DEPLOYMENT_MISSING, or CLAIM_TYPE."""
    if payload.get(claims.DEPLOYMENT_ID) in (None, ""):
        raise LaunchRefused(Cause.DEPLOYMENT_MISSING)
    return claims.opaque_id(payload[claims.DEPLOYMENT_ID], claims.DEPLOYMENT_ID)


def read_launch(payload: Claims, *, registration_id: int, base_url: str, issued_at: float) -> Launch:
    """The launch that `payload` describes. Raises `LaunchRefused`; no content of a payload makes it raise else."""
    roles = _roles(payload)
    link = claims.optional_object(payload, claims.RESOURCE_LINK)
    context = claims.optional_object(payload, claims.CONTEXT)
    presentation = claims.optional_object(payload, claims.LAUNCH_PRESENTATION)
    platform = claims.optional_object(payload, claims.TOOL_PLATFORM)
    claims.optional_object(payload, claims.LIS)
    line_item, line_items, scopes = _grade_services(payload, registration_id)
    selection = _selection(payload, roles)
    privacy_sub = _privacy_sub(payload)
    has_target = selection is None and privacy_sub is None
    return Launch(
        registration_id=registration_id,
        deployment_id=deployment_id_of(payload),
        sub=_sub(payload),
        name=_name(payload),
        role=role_of(roles),
        is_test_user=is_test_user(roles),
        target_link_uri=_target_link_uri(payload, base_url, is_required=has_target),
        resource_link_id=_resource_link_id(link, line_item, payload) if has_target else "",
        resource_link_title=claims.optional_text(link, "title", claims.RESOURCE_LINK),
        context_id=claims.opaque_id(context.get("id"), f"{claims.CONTEXT}.id") if context else "",
        context_title=claims.optional_text(context, "title", claims.CONTEXT),
        custom=MappingProxyType(claims.custom_values(payload)),
        return_url=_web_address(presentation, "return_url", registration_id),
        locale=claims.optional_text(presentation, "locale", claims.LAUNCH_PRESENTATION, limit=MAX_LOCALE),
        document_target=claims.optional_text(presentation, "document_target", claims.LAUNCH_PRESENTATION, limit=16),
        product_family=claims.optional_text(
            platform, "product_family_code", claims.TOOL_PLATFORM, limit=MAX_PRODUCT_FAMILY
        ),
        line_item_url=line_item,
        line_items_url=line_items,
        ags_scopes=scopes,
        issued_at=datetime.fromtimestamp(issued_at, UTC),
        selection=selection,
        memberships_url=_memberships_url(payload, registration_id),
        reviewed_sub=_reviewed_sub(payload),
        privacy_sub=privacy_sub,
        is_administrator=is_administrator(roles),
        notices_url=_notices_url(payload, registration_id),
    )


def _selection(payload: Claims, roles: tuple[str, ...]) -> SelectionRequest | None:
    if payload.get(claims.MESSAGE_TYPE) != DEEP_LINKING_REQUEST:
        return None
    request = read_selection_request(payload)
    if role_of(roles) != INSTRUCTOR:
        raise LaunchRefused(Cause.SELECTION_ROLE)
    return request


def _reviewed_sub(payload: Claims) -> str | None:
    if payload.get(claims.MESSAGE_TYPE) != SUBMISSION_REVIEW_REQUEST:
        return None
    if claims.FOR_USER not in payload:  # Moodle's link at the head of a column means nobody's work, but the activity
        return None
    reviewed = claims.optional_object(payload, claims.FOR_USER)
    return claims.opaque_id(reviewed.get("user_id"), f"{claims.FOR_USER}.user_id")


def _privacy_sub(payload: Claims) -> str | None:
    """Data Privacy Launch (a draft): about a person, and so in no course and of no link. Older examples of it call the
    person's id `id`."""
    if payload.get(claims.MESSAGE_TYPE) not in DATA_PRIVACY_REQUESTS:
        return None
    for claim in (claims.CONTEXT, claims.RESOURCE_LINK):
        if payload.get(claim) is not None:
            raise claims.misfit(claim, "a data privacy launch has none")
    person = claims.optional_object(payload, claims.FOR_USER)
    member = "id" if "user_id" not in person and "id" in person else "user_id"
    return claims.opaque_id(person.get(member), f"{claims.FOR_USER}.{member}")


def _notices_url(payload: Claims, registration_id: int) -> str | None:
    """Where handlers for `LtiContextCopyNotice` are registered, if the platform sends any (Platform Notification
    Service §3). What cannot be read of a mere offer is no offer."""
    service = payload.get(claims.NOTIFICATIONS)
    if not isinstance(service, dict):
        return None
    members = (service.get("service_versions"), service.get("scope"), service.get("notice_types_supported"))
    offers = zip(members, ("1.0", SCOPE_NOTICES, CONTEXT_COPY_NOTICE), strict=True)
    if not all(isinstance(given, list) and wanted in given for given, wanted in offers):
        return None
    return _web_address(service, "platform_notification_service_url", registration_id)


def _roles(payload: Claims) -> tuple[str, ...]:
    # The claim is required, and may be empty (LTI Core §5.3.7); certification sends `[""]` and expects a launch.
    if payload.get(claims.ROLES) is None:
        raise LaunchRefused(Cause.ROLES)
    return claims.string_list(payload[claims.ROLES], claims.ROLES)


def _sub(payload: Claims) -> str:
    # LTI Core §5.3.6 permits anonymous launches; without a person there is nobody to keep work for.
    if payload.get("sub") in (None, ""):
        raise LaunchRefused(Cause.USER_MISSING)
    sub = claims.opaque_id(payload["sub"], "sub")
    if not sub.isascii():
        raise claims.misfit("sub", "it is not ASCII")
    return sub


def _name(payload: Claims) -> str:
    given, family = (claims.optional_text(payload, part) for part in ("given_name", "family_name"))
    return claims.optional_text(payload, "name") or f"{given} {family}".strip()


def _resource_link_id(link: Claims, line_item: str | None, payload: Claims) -> str:
    if link.get("id") in (None, ""):
        if line_item and payload.get(claims.MESSAGE_TYPE) == SUBMISSION_REVIEW_REQUEST:
            return ""  # of a column that belongs to no link
        raise LaunchRefused(Cause.RESOURCE_LINK)
    return claims.opaque_id(link["id"], f"{claims.RESOURCE_LINK}.id")


def _target_link_uri(payload: Claims, base_url: str, *, is_required: bool) -> str:
    target = payload.get(claims.TARGET_LINK_URI)
    if target in (None, "") and not is_required:
        return ""
    if not isinstance(target, str) or not is_on_origin_of(target, base_url):
        shown = "not given" if target in (None, "") else target
        raise LaunchRefused(Cause.TARGET_LINK_URI, details=((N_("target"), shown), (N_("expected"), base_url)))
    return target


def _grade_services(payload: Claims, registration_id: int) -> tuple[str | None, str | None, tuple[str, ...]]:
    """AGS §3.1. Addresses that are none are left out with a warning: the work can be done, only its grade stays."""
    endpoint = claims.optional_object(payload, claims.AGS_ENDPOINT)
    scopes = claims.string_list(endpoint.get("scope") or [], f"{claims.AGS_ENDPOINT}.scope")
    addresses = [_web_address(endpoint, name, registration_id) for name in ("lineitem", "lineitems")]
    return addresses[0], addresses[1], tuple(scope for scope in scopes if claims.is_storable(scope))


def _memberships_url(payload: Claims, registration_id: int) -> str | None:
    """NRPS §3.6.1.1: the roster of the context, where it is given in the version we read."""
    service = claims.optional_object(payload, claims.NAMES_AND_ROLES)
    versions = service.get("service_versions")
    if isinstance(versions, list) and "2.0" not in versions:
        return None
    return _web_address(service, "context_memberships_url", registration_id)


def _web_address(owner: Claims, member: str, registration_id: int) -> str | None:
    value = owner.get(member)
    if value in (None, ""):
        return None
    if split_web_address(value):
        return str(value)
    log.warning("%s is no web address and was ignored", member, extra={"registration": registration_id})
    return None
