"""``python -m api.cli``: the same as ``yichuang``."""

from api.cli import main

main()
