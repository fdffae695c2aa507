"""The desk's acts without a window: one command each, errors in one line."""

import io
import sys

from consultdesk.cli import backups, cases, stores, users
from consultdesk.cli.options import app
from consultdesk.cli.saying import fail, place_of
from consultdesk.errors import ConsultDeskError, DatabaseOlder

__all__ = ["app", "backups", "cases", "main", "stores", "users"]


def main() -> None:
    """Run the command line; whatever fails is one line on standard error and exit 1."""
    _forbid_core_dumps()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a terminal that lacks a letter shows something in its place
        sys.stdout.reconfigure(errors="replace")
    try:
        app()
    except DatabaseOlder as error:
        fail(f"{error} Say so with `consultdesk open --as-restored` or `verify --as-restored`.")
    except ConsultDeskError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Stopped.")
    except Exception as error:
        # no traceback, which a physician can't read and which may hold what a record says
        fail(f"Something unexpected went wrong ({type(error).__name__}{place_of(error)}).")


def _forbid_core_dumps() -> None:
    """A core dump would hold opened records (Windows has none to forbid)."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
