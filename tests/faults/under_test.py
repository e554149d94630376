"""Run one of our programs with its named points watched:

python -m tests.faults.under_test NAME GATE_PORT MODULE [ARGUMENTS…]
"""

import runpy
import sys

from tests.faults.gate import ask
from tests.faults.points import watch


def main() -> None:
    """Become the module; nothing else of it differs."""
    name, port, module, *arguments = sys.argv[1:]
    watch(lambda point: ask(int(port), name, point))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
