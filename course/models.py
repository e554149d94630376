"""What is remembered of people's work. Nothing here knows LTI: `lti_tool` maps its users and links to these."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.database import Base, UtcDateTime
from config.public_ids import new_public_id


class Learner(Base):
    """A person at work in a course, whatever their role. Who they are to a platform is `lti_tool`'s to know.

    `locale` is the language they chose for the pages around the course; None while they have not.
    """

    __tablename__ = "learner"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    locale: Mapped[str | None] = mapped_column(String(35))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Placement(Base):
    """A course, or one item of it (`item_id`), put somewhere for learners to open.

    Placements with the same `context_key` belong together: progress made in one counts in the others. `takes_grades`
    says whether a grade earned here has a place to go; `opened_at`, when somebody last came in this way.
    """

    __tablename__ = "placement"
    __table_args__ = (Index(None, "context_key", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    course_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[str | None] = mapped_column(String(64))
    context_key: Mapped[str] = mapped_column(String(40))
    takes_grades: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Snapshot(Base):
    """An item as it was shown, under the hash of its content, so that editing a course never rewrites history."""

    __tablename__ = "snapshot"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attempt(Base):
    """One learner's one try at one placed item. Open until `submitted_at`; then nothing about it changes.

    A preview is an instructor's: kept, scored and shown like any other, and never a grade. `override` are the rules
    that somebody had set for the context when it was begun, on top of those of the snapshot. `ends_at` is when its
    time is up by the learner's own rules as they stand now, None for never. `writer` is the page that wrote last
    (`course.attempts.take_over`).
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("placement_id", "learner_id", "item_id", "is_preview", "number"),
        Index(
            "uq_attempt_open",
            "placement_id",
            "learner_id",
            "item_id",
            "is_preview",
            unique=True,
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        Index(
            "ix_attempt_overdue",
            "ends_at",
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), index=True)
    item_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    is_preview: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content_hash: Mapped[str] = mapped_column(ForeignKey("snapshot.content_hash"))
    override: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    writer: Mapped[str | None] = mapped_column(String(32))

    snapshot: Mapped[Snapshot] = relationship(lazy="joined")
    responses: Mapped[list["Response"]] = relationship(back_populates="attempt", order_by="Response.id")


class Response(Base):
    """What a learner gave to one question of an attempt. Final once `checked_at` is set: the key has been shown."""

    __tablename__ = "response"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question_id: Mapped[str] = mapped_column(String(64))
    choice_ids: Mapped[list[str]] = mapped_column(JSON)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    attempt: Mapped[Attempt] = relationship(back_populates="responses")


class SectionRead(Base):
    """That a learner has read one section of a course's item, in one context. Items without sections use the section
    ''."""

    __tablename__ = "section_read"

    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), primary_key=True)
    context_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    course_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    section_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PolicyOverride(Base):
    """Rules of an item that somebody has set for one context, as course.yaml would have them (`course.policies`)."""

    __tablename__ = "policy_override"

    context_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    course_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Accommodation(Base):
    """What one learner has more of than the others, in one context: for every item (`item_id` ''), or for one.

    `time_percent` is of the time limit, 100 or more. `extra_days` move the due and closing dates of every item, so only
    the row of all items has them; only the row of one item has dates of its own.
    """

    __tablename__ = "accommodation"

    context_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    time_percent: Mapped[int] = mapped_column(default=100)
    extra_attempts: Mapped[int] = mapped_column(default=0)
    extra_days: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Conversation(Base):
    """What belongs to a lab attempt besides its turns, from its start on.

    `partner`: "model", "scripted" (replies written in advance), or "none": the learner writes one answer instead and
    a person grades it. `draft` is what the learner has typed and not sent.
    """

    __tablename__ = "conversation"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    partner: Mapped[str] = mapped_column(String(10))
    draft: Mapped[str] = mapped_column(Text, default="")
    draft_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Turn(Base):
    """One turn of a lab's conversation; the transcript is those that are done, by number, from 1.

    A student's turn is `done` as soon as it is stored. A partner's is `streaming` from then on, with the text so far,
    until it is `done` or has `failed` (`cause` says why). Whoever writes it holds the lease; nobody does before it is
    taken up. `origin` of a partner's text: "author" (written in advance) or "model". `takes` counts how often it was
    begun, so that a reader of the stream knows when to forget what came before.
    """

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int]
    role: Mapped[str] = mapped_column(String(8))  # student, partner
    text: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10))  # streaming, done, failed
    origin: Mapped[str | None] = mapped_column(String(8))
    follow_up_id: Mapped[str | None] = mapped_column(String(64))  # of the author's question that was asked, if one was
    model_call_id: Mapped[int | None]  # in the ledger (course.language_model.models)
    cause: Mapped[str | None] = mapped_column(String(40))
    takes: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Consent(Base):
    """That a learner has read, in one context, what a lab does with their words, in the version named, and began."""

    __tablename__ = "consent"

    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), primary_key=True)
    context_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
