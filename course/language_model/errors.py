"""What can go wrong with a call of a language model. None of these is ever a judgement on a student.

LanguageModelError
├── ModelNotConfigured   no key, the key is refused, or the switch is off: an admin's to mend
├── ModelSwitchedOff     an admin has switched AI off here: again when it is on
├── ModelNotPriced       no price is listed for the model
├── ModelUnavailable     no connection, a timeout, or a fault of the service
├── ModelBusy            asked to wait (429, 529)
├── SpendLimit           the provider's own limit on spending is reached (402)
├── ModelRejected        the request itself was refused (400, 404, 413 …)
├── ModelRefused         the model declined to answer
└── ModelCut             the answer ends too soon: out of tokens, a cut stream, an error in mid-stream

`BudgetSpent` (budgets.py), our own limit, is a refusal with words for the student.
"""

from datetime import timedelta

from course.language_model.messages import Reply


class LanguageModelError(Exception):
    """The parent of all. `cause` is a short code for logs and rows, without anybody's text.

    `retryable`: whether the same call may succeed later; `retry_after`: not before then, if the service said so (never
    more than `LONGEST_WAIT`). `reply`: what had arrived. `may_be_billed`: whether the service may charge for the call
    although it said nothing about tokens; then the worst case is kept as its cost.
    """

    retryable = False

    def __init__(
        self,
        cause: str,
        *,
        retry_after: timedelta | None = None,
        reply: Reply | None = None,
        may_be_billed: bool = False,
    ) -> None:
        self.cause = cause
        self.retry_after = retry_after
        self.reply = reply
        self.may_be_billed = may_be_billed
        super().__init__(cause)


class ModelNotConfigured(LanguageModelError):
    """Nothing can be called until an admin has set something right."""


SWITCHED_OFF = "switched_off"


class ModelSwitchedOff(LanguageModelError):
    """An admin has switched AI off for the place that the call is for. Before a call nothing was sent; an answer that
    was on its way was left, and may be billed."""

    def __init__(self, *, reply: Reply | None = None, may_be_billed: bool = False) -> None:
        super().__init__(SWITCHED_OFF, reply=reply, may_be_billed=may_be_billed)


class ModelNotPriced(LanguageModelError):
    """The price list has no entry for the model, so its cost could not be held within any budget."""

    def __init__(self, model: str) -> None:
        self.model = model
        super().__init__(f"no_price_{model}"[:40])

    def __str__(self) -> str:
        return (
            f"No price is listed for the model {self.model}. Add it to the file of COURSEWRIGHT_MODEL_PRICES, "
            "or name another model."
        )


class ModelUnavailable(LanguageModelError):
    """The service could not be reached or failed. Worth another try."""

    retryable = True


class ModelBusy(LanguageModelError):
    """The service asks us to wait; `retry_after` says how long."""

    retryable = True


class SpendLimit(LanguageModelError):
    """The provider's account has reached its limit. Waiting helps once somebody has raised it."""

    retryable = True


class ModelRejected(LanguageModelError):
    """The request is at fault, not the moment: the same one will be refused again."""


class ModelRefused(LanguageModelError):
    """The model declined. `category` says why, if it was said. Another model may answer; a person always can."""

    def __init__(self, category: str | None, *, reply: Reply) -> None:
        self.category = category
        super().__init__(f"refusal_{category}" if category else "refusal", reply=reply)


class ModelCut(LanguageModelError):
    """The answer ends too soon. `cause` is `max_tokens`, `context_full`, `cut_stream`, or the service's error."""

    retryable = True
