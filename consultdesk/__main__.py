"""Start-up of the program: the window at once, and the command line for all else."""

import sys
from pathlib import Path

from consultdesk.errors import ConsultDeskError


def main() -> None:
    """Open the window for a bare `consultdesk` and `consultdesk open STORE`, or run the command."""
    said = sys.argv[1:]
    # 1. Somebody waits for the window, and loading what reads commands takes longer than Qt.
    if not said or (said[0] == "open" and len(said) == 2 and not said[1].startswith("-")):
        sys.exit(_window(Path(said[1]) if said else None))
    # 2. Everything else is a command.
    from consultdesk.cli.main import main as command

    command()


def _window(store: Path | None) -> int:
    from consultdesk.desktop.app import run

    try:
        return run(store)
    except ConsultDeskError as error:
        print(f"consultdesk: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("consultdesk: Stopped.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
