"""Would these files be tied to one another, or to one person?

`link` compares what was found in many files and names the groups that share something: a serial number, a name, a
document id, the same smaller copy, a place, a run of times. It looks at findings only and opens no file.
"""

from .link import link

__all__ = ["link"]
