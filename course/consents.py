"""What a learner has been told before a lab, and that they went on."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from course.models import Consent

WORDS_VERSION = "2026-11-25"  # of the words shown before a lab begins; change it with what they say


def consent_version(partner: str) -> str:
    """The version of the words for a kind of partner: talking to an AI is agreed to on its own."""
    return f"{WORDS_VERSION}/{partner}"


def has_consented(session: Session, learner_id: int, context_key: str, item_id: str, partner: str) -> bool:
    """Whether the learner has agreed to the present words."""
    return session.get(Consent, (learner_id, context_key, item_id, consent_version(partner))) is not None


def give_consent(session: Session, learner_id: int, context_key: str, item_id: str, partner: str) -> None:
    """Remember that the learner agreed; a second time changes nothing."""
    if has_consented(session, learner_id, context_key, item_id, partner):
        return
    try:
        with session.begin_nested():
            session.add(
                Consent(
                    learner_id=learner_id,
                    context_key=context_key,
                    item_id=item_id,
                    version=consent_version(partner),
                    given_at=clock.now(),
                )
            )
    except IntegrityError:
        return  # another tab was faster
