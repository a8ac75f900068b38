"""Who calls: a shop with its id and key, or an OAuth application with its token."""

import base64
import binascii
import hmac

from billing_service.sandbox.api.operations import Operation
from billing_service.sandbox.model import errors
from billing_service.sandbox.model.shop import Shop


def authenticate(header: str | None, shop: Shop, operation: Operation) -> None:
    """HTTP Basic with the shop's id and secret key, or a bearer token. Refuses everybody else."""
    if not header:
        raise errors.no_authorization()
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "bearer":
        if not hmac.compare_digest(given.encode(), shop.oauth_token.encode()):
            raise errors.wrong_credentials()
        return
    if scheme.lower() != "basic":
        raise errors.garbled_authorization()
    _check_key(given, shop)
    if operation.oauth:
        raise errors.forbidden("Webhooks are for OAuth applications; set the address in the Merchant Profile")


def _check_key(given: str, shop: Shop) -> None:
    try:
        pair = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.garbled_authorization() from error
    if not hmac.compare_digest(pair, f"{shop.account_id}:{shop.secret_key}".encode()):
        raise errors.wrong_credentials()
