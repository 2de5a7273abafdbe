"""privkit: keep control of what you give away. It looks, removes and tells, on your own machine."""

__version__ = "0.1.0"
