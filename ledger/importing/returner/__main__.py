"""The child process: limits first, then the file."""

import gc
import resource
import sys

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 40
DISK = 512 * 1024 * 1024


def main() -> int:
    """Read standard input, answer on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, DISK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()
    from ledger.importing.returner.ooxml import Unfit, annotated
    from ledger.importing.returner.rebuilt import rebuilt
    from ledger.importing.returner.task import task_of

    source = sys.stdin.buffer
    size = int.from_bytes(source.read(8), "big")
    task = task_of(source.read(size), source.read())
    try:
        made = annotated(task) if task.kind == "xlsx" else rebuilt(task)
    except Unfit:
        made = rebuilt(task)
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
