"""`python -m warranted.cli`: the command without its script."""

from warranted.cli import main

main()
