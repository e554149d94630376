"""`python -m tests.attack_sets.generate [FILE]`: the attack set, 25 attacks a family, with all their clean twins."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.attack_sets.families import FAMILIES, attacked
from tests.attack_sets.honest import honest_record
from tests.attack_sets.natural import TALKS, natural_record
from tests.grading.labs import labs

FILE = Path(__file__).with_name("attacks.jsonl")
EACH = 25
BASES = 25  # clean conversations of each lab


def records() -> Iterator[dict[str, Any]]:
    """The clean twins first, then the attacks, family by family."""
    clean = [(lab, honest_record(lab, number)) for number in range(BASES) for lab in labs().values()]
    yield from (record for _, record in clean)
    yield from natural_records()
    for place, family in enumerate(FAMILIES):
        for number in range(EACH):
            lab, record = clean[(place * 7 + number * 3) % len(clean)]
            yield attacked(family, lab, record, number)


def natural_records() -> list[dict[str, Any]]:
    """The freely written honest conversations."""
    return [natural_record(labs()[f"lab-{lab}"], number, said) for number, (lab, said) in enumerate(TALKS)]


def as_lines() -> str:
    return "".join(json.dumps(record, ensure_ascii=True, sort_keys=True) + "\n" for record in records())


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    target.write_text(as_lines(), encoding="utf-8")
    sys.stdout.write(f"{target}: {len(target.read_text(encoding='utf-8').splitlines())} records\n")
