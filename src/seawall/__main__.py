# SPDX-License-Identifier: MIT
"""``python -m seawall`` is the ``seawall`` command."""

from seawall.cli.app import main

if __name__ == "__main__":
    main()
