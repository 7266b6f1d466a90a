"""`python -m tests.bench`: the real server against the floor, in one interleaved run; exits 1 when a « must » fails.

The table of figures to reach: slot page, flow, first visit, people at once, races, growth, start and memory.
"""

import os
import sys

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    django.setup()
    from tests.bench import figures  # noqa: PLC0415  # needs django.setup()

    return figures.run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
