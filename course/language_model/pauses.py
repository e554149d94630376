"""Models whose service asked us to wait. One row a model, so that all workers wait, not just the one that was told."""

from datetime import timedelta

from sqlalchemy.orm import Session

from config import clock
from course.language_model.errors import LanguageModelError, ModelBusy, SpendLimit
from course.language_model.models import ModelPause

_SPENDING = "spend"  # the pause came from the provider's spending limit


def refuse_paused(session: Session, model: str) -> None:
    """Raises what the last refused call raised, `ModelBusy` or `SpendLimit`, while the model is to be left alone."""
    pause = session.get(ModelPause, model)
    if pause is None:
        return
    left = pause.not_before - clock.now()
    if left <= timedelta(0):
        return
    kind: type[LanguageModelError] = SpendLimit if _SPENDING in pause.cause else ModelBusy
    raise kind(pause.cause, retry_after=left)


def note(session: Session, model: str, error: LanguageModelError) -> None:
    """Remember until when `error` asks us to leave `model` alone. A later moment that is known already stays."""
    if not isinstance(error, (ModelBusy, SpendLimit)) or error.retry_after is None:
        return
    not_before = clock.now() + error.retry_after
    cause = error.cause if isinstance(error, ModelBusy) else f"{_SPENDING}_{error.cause}"[:40]
    pause = session.get(ModelPause, model, with_for_update=True)
    if pause is None:
        session.merge(ModelPause(model=model, not_before=not_before, cause=cause))
    elif pause.not_before < not_before:
        pause.not_before, pause.cause = not_before, cause
