"""Sessions: a random token in the browser, its digest here; ended by silence, by a day's work, and by the account."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

import structlog

from billing_service.audit.service import Deed
from billing_service.config import DEV_PANEL_PASSWORD
from billing_service.kit.callers import PANEL
from billing_service.services import Services
from billing_service.staff import queries, service
from billing_service.staff.passwords import Verifier
from billing_service.staff.roles import Role

log = structlog.get_logger()

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """Who is signed in. `token` is what his browser shows; whatever else is his alone is made of it."""

    account: str
    role: Role
    token: str

    @property
    def csrf_token(self) -> str:
        """What his own pages know and no other site can: it stands in their forms."""
        return hmac.new(self.token.encode(), b"csrf", sha256).hexdigest()

    def made(self, csrf_token: str) -> bool:
        return hmac.compare_digest(self.csrf_token.encode(), csrf_token.encode())


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def sign_in(services: Services, verifier: Verifier, name: str, password: str) -> str | None:
    """The token of a new session; None for a wrong password, and no slower nor faster for a name that there is not.

    The password of dev mode, which everybody knows, is wrong everywhere else.
    """
    stored = await queries.get_password_hash(services.statements, name)
    is_everybodys = password == DEV_PANEL_PASSWORD and not services.settings.is_dev
    if not await verifier.is_right(stored, password) or is_everybodys:
        log.warning("staff.sign_in_refused", account=name if stored else None)
        return None
    return await _begin(services, name, stored)


async def change_password(
    services: Services, verifier: Verifier, session: Session, *, now: str, then: str, request_id: str
) -> bool:
    """Somebody gives himself another one; every session of his ends, this one too. False if `now` is not his password.

    Raises `PasswordTooWeak`.
    """
    stored = await queries.get_password_hash(services.statements, session.account)
    if not await verifier.is_right(stored, now):
        return False
    deed = Deed(PANEL, session.account, "сменил свой пароль", request_id)
    await service.set_password(services, session.account, then, deed)
    return True


async def sign_in_by_proxy(services: Services, name: str) -> str | None:
    """The same for somebody whom a proxy of ours has let in; None if there is no such account, or it is disabled."""
    return await _begin(services, name, None)


async def _begin(services: Services, name: str, stored: str | None) -> str | None:
    token = token_urlsafe(32)
    async with services.statements.transaction() as tx:
        if not await queries.insert_session(tx, _digest(token), name, stored):
            return None
        tx.once_committed(lambda: log.info("staff.signed_in", account=name))
    return token


async def find(services: Services, token: str) -> Session | None:
    """Whose it is, who is thereby seen; None once it has ended."""
    found = await queries.see_session(services.statements, _digest(token), idle=IDLE, longest=LONGEST)
    return None if found is None else Session(found.account, Role(found.role), token)


async def sign_out(services: Services, session: Session) -> None:
    await queries.end_session(services.statements, _digest(session.token))
    log.info("staff.signed_out", account=session.account)
