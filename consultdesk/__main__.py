"""Start-up of `python -m consultdesk`: the command line, and by it everything else."""

from consultdesk.cli import main

main()
