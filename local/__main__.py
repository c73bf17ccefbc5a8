"""`python -m local invoke NAME [event.json]` runs one of the template's functions now."""

import sys

from local.invoke import main

sys.exit(main(sys.argv[1:]))
