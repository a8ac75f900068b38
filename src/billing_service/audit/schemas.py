"""What whoever does something by hand must say."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _says_something(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("it must say something")
    return text


_NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none
Author = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_NUL),
    AfterValidator(_says_something),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=_NO_NUL),
    AfterValidator(_says_something),
]
