"""The measured process of `benchmarks.model_calls`: threads that call through the ledger until its input ends."""

import json
import sys
import threading

from config.database import Database
from config.settings import from_environment
from course.language_model.calls import LanguageModel, language_model
from course.language_model.ledger import GRADER, CallFor
from course.language_model.messages import Message, Part, Request

RUBRIC = "Levels rest on what the student wrote, and on nothing else. " * 250  # about 15 kB, as a lab's is
TRANSCRIPT = "The restaurants that are shown collect the orders, and orders are what the model learns from. " * 160
SCHEMA = {
    "type": "object",
    "properties": {"justification": {"type": "string"}, "level": {"type": "integer", "enum": [0, 1, 2, 3, 4]}},
    "required": ["justification", "level"],
    "additionalProperties": False,
}


def main() -> None:
    """Read the job from the command line, call until standard input ends, then wait for the calls under way."""
    job = json.loads(sys.argv[1])
    settings = from_environment(
        {
            "ANTHROPIC_API_KEY": "benchmark",
            "ANTHROPIC_BASE_URL": job["service"],
            "COURSEWRIGHT_BUDGET_MONTH": "1000000",
            "COURSEWRIGHT_BUDGET_CONTEXT": "1000000",
        }
    )
    model = language_model(settings, Database(job["database"]))
    if model is None:
        raise SystemExit("no language model")
    stopping = threading.Event()
    spread = job["latency"] / job["threads"]  # the first calls come evenly, as all later ones do
    threads = [
        threading.Thread(target=_call, args=(model, number, stopping, number * spread))
        for number in range(job["threads"])
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stopping.set()
    for thread in threads:
        thread.join()


def _call(model: LanguageModel, number: int, stopping: threading.Event, delay: float) -> None:
    stopping.wait(delay)
    call_for = CallFor(GRADER, about=f"thread {number}", context_key=f"context-{number % 10}", lab_id="lab-1")
    while not stopping.is_set():
        request = Request(
            model="claude-haiku-5-5",
            system=(Part(RUBRIC, cache="1h"),),
            messages=(Message("user", (Part(f"{number} {TRANSCRIPT}", cache="5m"), Part("Judge it."))),),
            max_tokens=2000,
            schema=SCHEMA,
        )
        model.complete(request, call_for)


if __name__ == "__main__":
    main()
