from typing import Literal, cast

CreatedPaymentOutNotSavedBecauseType0 = Literal["CONSENT_REQUIRED", "RECURRING_NOT_AVAILABLE"]


def check_created_payment_out_not_saved_because_type_0(value: str) -> CreatedPaymentOutNotSavedBecauseType0:
    """A later release may add values: what is new is passed on as it is."""
    return cast(CreatedPaymentOutNotSavedBecauseType0, value)
