"""How a receipt's contact looks on the wire."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from billing_service.receipts.contact import Contact, normalised_email, normalised_phone

EXAMPLE: dict[str, JsonValue] = {"email": "payer@example.ru"}

Email = Annotated[
    str,
    Field(max_length=320, description="Obligatory where «Чеки от ЮKassa» are used: they go by e-mail only."),
    AfterValidator(normalised_email),
]
Phone = Annotated[
    str,
    Field(max_length=40, description="With its country code, as +7 900 123-45-67; kept as digits (E.164)."),
    AfterValidator(normalised_phone),
]


class ReceiptContactIn(BaseModel):
    """Where the payer's receipts go; one of the two at least. As the payer wrote it: it is normalised here."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"example": EXAMPLE})

    email: Email | None = Field(None, repr=False)
    phone: Phone | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _one_of_the_two(self) -> "ReceiptContactIn":
        if self.email is None and self.phone is None:
            raise ValueError("an e-mail address or a telephone is needed")
        return self

    @property
    def contact(self) -> Contact:
        return Contact(self.email, self.phone)


class StrictReceiptContactIn(ReceiptContactIn):
    """The same, where unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"example": EXAMPLE}
    )


class ReceiptContactOut(BaseModel):
    """What is known, masked; both are null if nothing is."""

    model_config = ConfigDict(json_schema_extra={"example": {"email": "p•••@example.ru", "phone": None}})

    email: str | None
    phone: str | None


def contact_out(contact: Contact | None) -> ReceiptContactOut:
    if contact is None:
        return ReceiptContactOut(email=None, phone=None)
    return ReceiptContactOut(email=contact.masked_email, phone=contact.masked_phone)
