"""One hash for values of JSON, equal for equal values across processes and versions of Python."""

import hashlib
import json
from typing import Any


def hash_of(values: dict[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the values as canonical JSON; tuples count as lists. Raises ValueError for numbers
    that JSON does not have, TypeError for objects."""
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
