"""The command line itself, and the options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=False,
    help="Second opinions: received, read, signed, and released by consent.",
)

Store = Annotated[Path, typer.Argument(help="The folder of the store.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
UserName = Annotated[str, typer.Option("--user", help="Who opens the store.")]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file that holds the passphrase.")
]
AsRestored = Annotated[
    bool,
    typer.Option("--as-restored", help="Take a database that is older than what was acknowledged."),
]
