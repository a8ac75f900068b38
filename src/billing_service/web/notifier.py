"""Who may bring a notification: the addresses of the provider, and with a secret of ours a signature.

Asked by the route itself, as on the hot paths: what FastAPI resolves for a route costs more than these answers.
"""

import structlog
from starlette.requests import Request

from billing_service.kit.signature import is_signed
from billing_service.web import ratelimits
from billing_service.web.dependencies import Limits, services_of
from billing_service.web.errors.requests import NotifierRefused, SignatureRefused
from billing_service.yookassa.networks import UntrustedAddress, client_address, counted_as, is_inside

log = structlog.get_logger()


async def notifier_address(request: Request, limits: Limits) -> str:
    """The address a notification really came from. Raises `NotifierRefused` unless it is on the allow-list.

    Each address is counted before it is refused, and strangers on accounts of their own: a flood of theirs cannot cost
    a notification of YooKassa's.
    """
    settings = services_of(request).settings
    peer = request.client.host if request.client else ""
    try:
        address = client_address(
            peer,
            request.headers.getlist("x-forwarded-for"),
            trust=settings.webhook_trust_xff,
            trusted_proxies=settings.webhook_trusted_proxies,
        )
    except UntrustedAddress as error:
        await _count_stranger(limits, peer)
        log.warning("webhook.refused", peer=peer, reason=str(error))
        raise NotifierRefused from None
    if not is_inside(address, settings.webhook_allowed_networks):
        await _count_stranger(limits, counted_as(address))
        log.warning("webhook.refused", peer=peer, client_ip=str(address), reason="not on the allow-list")
        raise NotifierRefused
    await limits.take(ratelimits.WEBHOOK_TRUSTED, str(address))
    return str(address)


async def _count_stranger(limits: Limits, whose: str) -> None:
    """All of them together first: a flood from a million addresses makes no more keys and log lines than that."""
    await limits.take(ratelimits.WEBHOOK_STRANGERS, "all")
    await limits.take(ratelimits.WEBHOOK, whose)


async def signed_body(request: Request) -> bytes:
    """The body as it was sent, read once the address is known.

    With `WEBHOOK_HMAC_SECRET` set, raises `SignatureRefused` unless it is signed by it.
    """
    body = await request.body()
    secret = services_of(request).settings.webhook_hmac_secret
    if secret is None:
        return body
    signatures = request.headers.getlist("x-webhook-signature")
    if not is_signed(secret.get_secret_value().encode(), body, signatures):
        log.warning("webhook.signature_refused", signatures=len(signatures))
        raise SignatureRefused
    return body
