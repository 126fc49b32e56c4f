"""`python -m bench.worker`: the product's worker process, with the handlers of the bench."""

from bench.handlers import HANDLERS
from workers.__main__ import main

if __name__ == "__main__":
    main(HANDLERS)
