from typing import Literal

CreatedPaymentOutNotSavedBecauseType0 = Literal["CONSENT_REQUIRED", "RECURRING_NOT_AVAILABLE"]

CREATED_PAYMENT_OUT_NOT_SAVED_BECAUSE_TYPE_0_VALUES: set[CreatedPaymentOutNotSavedBecauseType0] = {
    "CONSENT_REQUIRED",
    "RECURRING_NOT_AVAILABLE",
}


def check_created_payment_out_not_saved_because_type_0(value: str) -> CreatedPaymentOutNotSavedBecauseType0:
    if value in CREATED_PAYMENT_OUT_NOT_SAVED_BECAUSE_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {CREATED_PAYMENT_OUT_NOT_SAVED_BECAUSE_TYPE_0_VALUES!r}"
    )
