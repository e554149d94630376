"""Who comes in and where grades go: platforms, their people and links, browser sessions, scores on their way."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.database import Base, UtcDateTime
from config.public_ids import new_public_id
from course.models import Learner, Placement

OPAQUE_ID = 255  # LTI core §5.3: ids are opaque and at most 255 characters


class Registration(Base):
    """A platform that knows us under a client id (LTI core §3.1.3). Found by issuer and client id together.

    `state`: active, pending (an administrator has to allow it first) or disabled, since `state_since`; see
    permission.py. `token_obtained_at`: when it last gave us a token for one of its services.
    """

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    issuer: Mapped[str] = mapped_column(String(2000))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_login_url: Mapped[str] = mapped_column(String(2000))
    auth_token_url: Mapped[str] = mapped_column(String(2000))
    jwks_url: Mapped[str] = mapped_column(String(2000))
    auth_audience: Mapped[str | None] = mapped_column(String(2000))
    product_family: Mapped[str | None] = mapped_column(String(64))  # as its last launch named it; see platforms.py
    # Origins of pages that frame us and that no launch names (a portal, an app); see web/security_headers.py.
    frame_origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(8), default="active")
    state_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: as it was made
    token_obtained_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Base):
    """That one platform may register itself (LTI Dynamic Registration), once and for some days; see registering/.

    `registration_id`: the platform it may bring up to date, later the one it was used for; None while it is for a new
    one. `claimed_until`: a registration under way holds it that long.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlatformTrial(Base):
    """What trying a platform out found last (registering/trial.py); `steps` are a `Step` each."""

    __tablename__ = "platform_trial"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
    steps: Mapped[list[dict[str, str]]] = mapped_column(JSON)


class Deployment(Base):
    """One installation of the tool on a platform (LTI core §3.1.3). `state` and `state_since` as a registration's."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    deployment_id: Mapped[str] = mapped_column(String(OPAQUE_ID))
    state: Mapped[str] = mapped_column(String(8), default="active")
    state_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlatformKeySet(Base):
    """A registration's key set as last fetched, shared by all processes so that a warm launch fetches nothing."""

    __tablename__ = "platform_key_set"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    jwks_url: Mapped[str] = mapped_column(String(2000))
    keys: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fruitless_at: Mapped[list[str]] = mapped_column(JSON, default=list)  # refetches that found no such kid, ISO 8601


class ToolKey(Base):
    """One of our signing keys. `next` is published before it signs, `retired` after, so platforms never miss one."""

    __tablename__ = "tool_key"
    __table_args__ = (
        Index(
            "uq_tool_key_live",
            "status",
            unique=True,
            sqlite_where=text("status != 'retired'"),
            postgresql_where=text("status != 'retired'"),
        ),
    )

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    private_pem: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(8))  # next, current, retired
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginState(Base):
    """A login that was begun: its state, spent once, bound to a nonce, a registration and a browser.

    Only hashes are kept. A spent row stays until it expires, so that a replay is told apart from a stranger.
    """

    __tablename__ = "login_state"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(String(64), unique=True)
    binding_hash: Mapped[str] = mapped_column(String(64))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    target_link_uri: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    browser_session_id: Mapped[int | None] = mapped_column(ForeignKey("browser_session.id", ondelete="SET NULL"))


class LaunchEvent(Base):
    """That somebody came in or was turned away; see launch_events.py. Ids and causes, and never who it was.

    `step`: login, launch or hand_over; `outcome`: let_in, or refused with a `cause`. `reference` stands on the page of
    the one who was turned away; None on a row that counts several (`times`). `issuer` and `client_id` are what a login
    named, `details` what the page says beside its words.
    """

    __tablename__ = "launch_event"
    __table_args__ = (Index(None, "registration_id", "outcome", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="SET NULL"))
    issuer: Mapped[str] = mapped_column(String(255), default="")
    client_id: Mapped[str] = mapped_column(String(255), default="")
    deployment_id: Mapped[str] = mapped_column(String(OPAQUE_ID), default="")
    step: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(8))
    cause: Mapped[str] = mapped_column(String(40), default="")
    details: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    reference: Mapped[str | None] = mapped_column(String(16), index=True)
    times: Mapped[int] = mapped_column(default=1)


class Context(Base):
    """The platform's course (LTI core §5.4.1). The id '' stands for launches that name none.

    `copied_from_id`: the course it was copied from, once a launch has said so, at `copied_at`; see course_copies.py.
    """

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("deployment_id", "lti_context_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    lti_context_id: Mapped[str] = mapped_column(String(OPAQUE_ID))
    title: Mapped[str] = mapped_column(Text, default="")
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("context.id", ondelete="SET NULL"))
    copied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    deployment: Mapped[Deployment] = relationship()


class ResourceLink(Base):
    """A link to us in a context (LTI core §5.3.5), and the placement that is its neutral side.

    `is_unnamed`: its last launch named no item, so what an instructor chose here counts (`chosen_item_id` is None for
    the whole course, `chosen_course_id` while nothing has been chosen). `refused_column_url`: the column of another
    context that its last launch named for its own, and that takes none of its grades.
    """

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("context_id", "lti_resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"))
    lti_resource_link_id: Mapped[str] = mapped_column(String(OPAQUE_ID))
    title: Mapped[str] = mapped_column(Text, default="")
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), unique=True)
    is_unnamed: Mapped[bool] = mapped_column(default=False)
    chosen_course_id: Mapped[str | None] = mapped_column(String(64))
    chosen_item_id: Mapped[str | None] = mapped_column(String(64))
    refused_column_url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    context: Mapped[Context] = relationship()
    placement: Mapped[Placement] = relationship()


class LinkRepair(Base):
    """A link that names something we do not have, or that an instructor lets open something else than it names.

    It counts only while the link still names `named_course_id` and `named_item_id` (at most 255 characters of each;
    None for the whole course); `chosen_course_id` is None until somebody has chosen. `seen_at` is its last launch.
    """

    __tablename__ = "link_repair"
    __table_args__ = (UniqueConstraint("context_id", "lti_resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"))
    lti_resource_link_id: Mapped[str] = mapped_column(String(OPAQUE_ID))
    title: Mapped[str] = mapped_column(Text, default="")
    named_course_id: Mapped[str] = mapped_column(String(255))
    named_item_id: Mapped[str | None] = mapped_column(String(255))
    chosen_course_id: Mapped[str | None] = mapped_column(String(64))
    chosen_item_id: Mapped[str | None] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LtiUser(Base):
    """A person as a platform knows them (`sub`, unique within a registration), and the learner they are to us."""

    __tablename__ = "lti_user"
    __table_args__ = (UniqueConstraint("registration_id", "sub"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    sub: Mapped[str] = mapped_column(String(OPAQUE_ID))
    name: Mapped[str] = mapped_column(Text, default="")
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    learner: Mapped[Learner] = relationship()


class LineItem(Base):
    """A gradebook column for one item of a link (AGS §3.1), with what the last launch said of the services."""

    __tablename__ = "line_item"
    __table_args__ = (UniqueConstraint("resource_link_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id", ondelete="CASCADE"))
    item_id: Mapped[str] = mapped_column(String(64))
    url: Mapped[str | None] = mapped_column(Text)  # None: not known yet, or gone from the platform
    container_url: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    resource_link: Mapped[ResourceLink] = relationship()


class ColumnSearch(Base):
    """A column that no launch has named: to be found on the platform or made there, and kept as it is wanted.

    `wanted` and `made` are line items (AGS §3.2); `made` is what the platform was told last of one that we made, and
    None of one that was there. A worker has something to do from `next_try_at` on; None: nothing, and `cause` may say
    why.
    """

    __tablename__ = "column_search"

    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"), primary_key=True)
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)
    made: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(32))

    line_item: Mapped[LineItem] = relationship()


class Roster(Base):
    """Whom a platform says to be in a context (NRPS §2.2), as last read; `url` is the service's, from the last launch.

    `cause` says why the last try to read it failed, None when it did not.
    """

    __tablename__ = "roster"

    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cause: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(32))


class RosterMember(Base):
    """Somebody on a roster, by the platform's own id; who vanished from it since is `gone`, and keeps their work."""

    __tablename__ = "roster_member"

    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(OPAQUE_ID), primary_key=True)
    name: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(String(16))  # learner, instructor
    status: Mapped[str] = mapped_column(String(8))  # active, inactive, gone


class NoticeHandler(Base):
    """Where a platform takes handlers for notices of a deployment (Platform Notification Service §3), and what it was
    told: `handler`, our address, at `told_at`. A worker tells it at `next_try_at`; `cause` says why it was not taken.
    """

    __tablename__ = "notice_handler"

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    handler: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str | None] = mapped_column(String(40))


class ReceivedNotice(Base):
    """A verified notice that a course was copied (Platform Notification Service §4): the row is the queue until
    `done_at`, and afterwards keeps a repeated one from counting. `lti_context_id` is the copy; `origin_ids` are the
    platform's ids of what it was copied from; `effect` says what came of it."""

    __tablename__ = "received_notice"
    __table_args__ = (
        UniqueConstraint("registration_id", "notice_id"),
        UniqueConstraint("registration_id", "nonce_hash"),
        Index(
            "ix_received_notice_waiting",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    notice_id: Mapped[str] = mapped_column(String(OPAQUE_ID))
    nonce_hash: Mapped[str] = mapped_column(String(64))
    lti_context_id: Mapped[str] = mapped_column(String(OPAQUE_ID))
    context_title: Mapped[str] = mapped_column(Text, default="")
    origin_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    effect: Mapped[str | None] = mapped_column(String(16))


class AccessToken(Base):
    """A platform's bearer token (OAuth 2 client credentials), per registration, client, address and scope set."""

    __tablename__ = "access_token"

    cache_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    token: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BrowserSession(Base):
    """A browser that launched us. Its cookie holds the token hashed here; its seats say what it may open."""

    __tablename__ = "browser_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Seat(Base):
    """That a browser may act as a learner at a placement, in the role of the last launch there."""

    __tablename__ = "seat"

    browser_session_id: Mapped[int] = mapped_column(
        ForeignKey("browser_session.id", ondelete="CASCADE"), primary_key=True
    )
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))  # learner, instructor
    return_url: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(35), default="")
    launched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpentToken(Base):
    """A one-time token that has been used, kept until it would have expired anyway."""

    __tablename__ = "spent_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class WorkerSign(Base):
    """A sign of life: when a worker last did what the clock asks for, by the task's name (worker_signs.py)."""

    __tablename__ = "worker_sign"

    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Selection(Base):
    """Activities being chosen for a context (Deep Linking 2.0): what the platform takes, and who may choose.

    The address of the page holds the secret hashed here; `binding_hash` is that of the browser's cookie, None for one
    that keeps none. `request` is a `SelectionRequest`; `return_url` is where a visit ends, as a seat has it.
    """

    __tablename__ = "selection"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    binding_hash: Mapped[str | None] = mapped_column(String(64))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    return_url: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(35), default="")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    context: Mapped[Context] = relationship()


class ChosenActivity(Base):
    """That an instructor sent an item to a context, so that nobody places it twice unawares. Whether the platform kept
    it is known only when it is opened. `item_id` is '' for the whole course."""

    __tablename__ = "chosen_activity"

    context_id: Mapped[int] = mapped_column(ForeignKey("context.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    selection_id: Mapped[int | None] = mapped_column(ForeignKey("selection.id", ondelete="SET NULL"))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxScore(Base):
    """A score owed to a line item: the queue itself. `body` is fixed when written, so a repeat is the same to the byte.

    `state`: pending, delivered, superseded (a newer one took its place), stuck (a person must act; `cause` says why).
    `retried_at`: when an admin last let it be tried again; all that were let go together have the same moment.
    """

    __tablename__ = "outbox_score"
    __table_args__ = (
        UniqueConstraint("line_item_id", "lti_user_id", "timestamp"),
        Index(
            "ix_outbox_score_due",
            "next_try_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_outbox_score_owed",
            "state",
            "created_at",
            sqlite_where=text("state IN ('pending', 'stuck')"),
            postgresql_where=text("state IN ('pending', 'stuck')"),
        ),
        Index(None, "state", "cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"))
    lti_user_id: Mapped[int] = mapped_column(ForeignKey("lti_user.id", ondelete="CASCADE"), index=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id"))
    score_given: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    score_maximum: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    timestamp: Mapped[datetime] = mapped_column(UtcDateTime)  # whole seconds, rising per line item and user
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    cause: Mapped[str | None] = mapped_column(String(40))
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    may_have_arrived: Mapped[bool] = mapped_column(default=False)  # a post was made and its answer is not known
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    retried_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    line_item: Mapped[LineItem] = relationship()
    lti_user: Mapped[LtiUser] = relationship()
