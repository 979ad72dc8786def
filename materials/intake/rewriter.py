"""A program of its own: a JPEG on standard input is written losslessly anew to standard output.

The library ends its whole process (``exit(1)``) on coefficients that decoders let pass, and a web worker must
not die of a candidate's picture. So it runs in a short-lived process, with limits on what that may use.
"""

import resource
import subprocess
import sys
from typing import Final

_SECONDS: Final = 5  # of CPU
_PATIENCE: Final = 60  # seconds on the clock, for a machine that has much else to do
_MEMORY: Final = 512 * 1024 * 1024


def rewritten(jpeg: bytes) -> bytes | None:
    """A JPEG with the same coefficients and nothing else of ``jpeg``, or nothing if that cannot be done.

    ``jpeg`` must have been decoded before: broken files are repaired without a word. Starting the process
    costs 40 ms; rewriting two megapixels costs three times that.
    """
    command = [sys.executable, "-I", __file__]
    try:
        done = subprocess.run(command, input=jpeg, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from mozjpeg_lossless_optimization import optimize

    sys.stdout.buffer.write(optimize(sys.stdin.buffer.read()))


if __name__ == "__main__":
    _main()
