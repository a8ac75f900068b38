"""Answers without what differs between any two shops: ids, times, links, keys. What remains has to be the same."""

import re
from collections.abc import Mapping
from typing import Any

Json = Any
# In an answer of the provider's: 22e12f66-000f-5000-8000-18db351245c7, ids of errors among them.
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
LINK = re.compile(r"https?://\S+")
BACK = "https://example.com/back"
# Name of a field -> why its value says nothing; whether it is there, and of which type, is compared.
VALUE_SAYS_NOTHING: Mapping[str, str] = {
    "account_id": "whose shop it is",
    "gateway_id": "whose shop it is",
    "next_cursor": "a word of the provider's own",
    "rrn": "the bank's number",
    "auth_code": "the bank's number",
    "value_of_income": "the fee is a matter of the contract",
    "first6": "the card that somebody paid with",
    "last4": "the card that somebody paid with",
    "expiry_month": "the card that somebody paid with",
    "expiry_year": "the card that somebody paid with",
    "card_type": "the card that somebody paid with",
    "title": "the card that somebody paid with",
    "applied": "whether its bank asked for 3-D Secure",
}
# Field -> why it is not compared at all.
NOT_SPECIFIED: Mapping[str, str] = {
    "payment_methods": "which methods a shop has is its contract",
    "fiscalization": "which till a shop has is its contract; the scenario follows fiscalization_enabled",
    "itn": "whose shop it is",
    "name": "whose shop it is",
    "payout_balance": "a feature of another contract",
    "payout_methods": "a feature of another contract",
    "issuer_country": "the provider does not always know it",
    "issuer_name": "the provider does not always know it",
    "card_product": "the provider does not always know it",
    "merchant_customer_id": "nobody sent one",
    "invoice_details": "nobody sent one",
    "retry_after": "how long the provider would like to be left alone",
}


class Placeholders:
    """One side's answers. An id is named by when it was first seen, so that the same one stays the same one."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def put(self, answer: Json, name: str = "", inside: str = "") -> Json:
        """The answer with placeholders; `name` is the field it stands in, `inside` the one above."""
        if isinstance(answer, dict):
            is_error = answer.get("type") == "error"
            return {
                field: "<text>" if is_error and field == "description" else self.put(value, field, name)
                for field, value in answer.items()
                if field not in NOT_SPECIFIED and not (is_error and field == "id")
            }
        if isinstance(answer, list):
            return [self.put(one, name, inside) for one in answer]
        if name in VALUE_SAYS_NOTHING or (name == "value" and inside == "income_amount"):
            return f"<{type(answer).__name__}>"
        return self._text(answer) if isinstance(answer, str) else answer

    def _text(self, text: str) -> str:
        if ID.fullmatch(text):
            return self._ids.setdefault(text, f"<id {len(self._ids) + 1}>")
        if TIME.fullmatch(text):
            return "<time>"
        return "<link>" if LINK.fullmatch(text) and text != BACK else text
