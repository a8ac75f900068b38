from typing import Literal, cast

PreviewOutBegins = Literal["after_running", "at_once"]


def check_preview_out_begins(value: str) -> PreviewOutBegins:
    """A later release may add values: what is new is passed on as it is."""
    return cast(PreviewOutBegins, value)
