"""The people of the panel: who they are, in which role, with which password; each change is written down."""

import re
from collections.abc import Sequence

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.transaction import Transaction
from billing_service.services import Services
from billing_service.staff import queries
from billing_service.staff.passwords import hashed
from billing_service.staff.queries import Account
from billing_service.staff.roles import Role

log = structlog.get_logger()

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class NameRefused(ValueError):
    """It cannot be a name, or is one already; the message says which."""


class NobodyOfThatName(LookupError):
    """There is no such account."""


class LastOwner(ValueError):
    """Nobody would be left who may say who comes in."""


async def add(services: Services, name: str, role: Role, password: str | None, deed: Deed) -> None:
    """Raises `NameRefused`, `PasswordTooWeak`. Without a password somebody comes in through a proxy only."""
    if not NAME.fullmatch(name):
        raise NameRefused(
            "a name is small letters, digits, . _ @ and -, 64 at most, and begins with one of the first two"
        )
    stored = None if password is None else hashed(password)
    async with services.statements.transaction() as tx:
        if not await queries.insert_account(tx, name, role, stored):
            raise NameRefused("there is an account of this name")
        await _write_down(tx, "staff.added", name, deed, role=role)


async def set_password(services: Services, name: str, password: str, deed: Deed) -> None:
    """Everybody who is signed in under this name is signed out. Raises `NobodyOfThatName`, `PasswordTooWeak`."""
    stored = hashed(password)
    async with services.statements.transaction() as tx:
        await _lock(tx, name)
        await queries.set_password(tx, name, stored)
        await queries.end_sessions(tx, name)
        await _write_down(tx, "staff.password_set", name, deed)


async def set_role(services: Services, name: str, role: Role, deed: Deed) -> None:
    """Holds from the next click on. Raises `NobodyOfThatName`, `LastOwner`. Safe to repeat."""
    async with services.statements.transaction() as tx:
        await queries.lock_owners(tx)
        known = await _lock(tx, name)
        if known.role is role:
            return
        await _refuse_to_lose_the_last_owner(tx, known)
        await queries.set_role(tx, name, role)
        await _write_down(tx, "staff.role_changed", name, deed, before=known.role, after=role)


async def disable(services: Services, name: str, deed: Deed) -> None:
    """Out at once, and not in again. Raises `NobodyOfThatName`, `LastOwner`. Safe to repeat."""
    async with services.statements.transaction() as tx:
        await queries.lock_owners(tx)
        known = await _lock(tx, name)
        if known.disabled_at is not None:
            return
        await _refuse_to_lose_the_last_owner(tx, known)
        await queries.set_disabled(tx, name, disabled=True)
        await queries.end_sessions(tx, name)
        await _write_down(tx, "staff.disabled", name, deed)


async def enable(services: Services, name: str, deed: Deed) -> None:
    """Raises `NobodyOfThatName`. Safe to repeat."""
    async with services.statements.transaction() as tx:
        if (await _lock(tx, name)).disabled_at is None:
            return
        await queries.set_disabled(tx, name, disabled=False)
        await _write_down(tx, "staff.enabled", name, deed)


async def list_accounts(services: Services) -> Sequence[Account]:
    """By name, disabled ones too."""
    async with services.statements.transaction() as tx:
        return await queries.list_accounts(tx)


async def _lock(tx: Transaction, name: str) -> Account:
    known = await queries.lock_account(tx, name)
    if known is None:
        raise NobodyOfThatName
    return known


async def _refuse_to_lose_the_last_owner(tx: Transaction, known: Account) -> None:
    """The owners are locked before: of two who send each other away at once the second waits, and is refused."""
    if known.role is not Role.OWNER or known.disabled_at is not None:
        return
    others = [
        one
        for one in await queries.list_accounts(tx)
        if one.role is Role.OWNER and one.disabled_at is None and one.name != known.name
    ]
    if not others:
        raise LastOwner


async def _write_down(tx: Transaction, action: str, name: str, deed: Deed, **details: object) -> None:
    await audit.record(tx, action, deed, details={"account": name} | details)
    tx.once_committed(lambda: log.warning("staff.changed", action=action, account=name, author=deed.author))
