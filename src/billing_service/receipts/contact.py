"""Where a payer's receipts go: an e-mail address, a telephone, or both; checked, normalised, and masked when shown."""

import json
import re
from dataclasses import dataclass, field
from typing import Self

from email_validator import EmailNotValidError, validate_email

PUNCTUATION = re.compile(r"[\s().\u2010-\u2015-]")
# ITU-T E.164: a country code and 15 digits at most; no country has numbers of fewer than seven.
E164 = re.compile(r"[1-9][0-9]{6,14}")
RUSSIAN = re.compile(r"7[0-9]{10}")
# Dialled inside Russia; no country code begins with 89.
DIALLED_AT_HOME = re.compile(r"8(9[0-9]{9})")


@dataclass(frozen=True)
class Contact:
    """At least one of the two. Neither is shown by `repr`, so that no line of a log can hold it."""

    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.email is None and self.phone is None:
            raise ValueError("an e-mail address or a telephone is needed")

    @property
    def customer(self) -> dict[str, str]:
        """As YooKassa takes it."""
        both = {"email": self.email, "phone": self.phone}
        return {name: value for name, value in both.items() if value is not None}

    def to_bytes(self) -> bytes:
        return json.dumps(self.customer).encode()

    @classmethod
    def from_bytes(cls, written: bytes) -> Self:
        return cls(**json.loads(written))

    @property
    def masked_email(self) -> str | None:
        """`p•••@example.ru`."""
        if self.email is None:
            return None
        name, _, host = self.email.rpartition("@")
        return f"{name[0]}•••@{host}"

    @property
    def masked_phone(self) -> str | None:
        """`•••• 4567`."""
        return None if self.phone is None else f"•••• {self.phone[-4:]}"


def normalised_email(written: str) -> str:
    """In ASCII, at most 254 characters, as mail servers take it; nobody is asked whether it exists.

    Raises ValueError, whose text does not quote the address.
    """
    try:
        found = validate_email(written.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
    return found.ascii_email or found.normalized


def normalised_phone(written: str) -> str:
    """Digits with the country code, as E.164: `79001234567`. Raises ValueError, whose text quotes nothing of it."""
    bare = PUNCTUATION.sub("", written)
    digits = bare.removeprefix("+")
    if not bare.startswith("+"):
        digits = DIALLED_AT_HOME.sub(r"7\1", digits)
        if digits.startswith("8"):
            raise ValueError("write the telephone with + and its country code")
    is_russian = digits.startswith("7")
    if not (RUSSIAN if is_russian else E164).fullmatch(digits):
        raise ValueError("not a telephone with its country code")
    return digits
