"""How a process that serves looks for garbage: seldom, and only in what is new."""

import gc

# So many new objects more than have gone. Python's own 700 are reached by a few requests at a time, of which nothing is
# garbage yet: counting references frees nearly all of it once they are answered.
NEW_OBJECTS = 10_000


def collect_seldom() -> None:
    """What is there by now stays for good, and is looked at no more. Called once, when a process is ready to serve."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
