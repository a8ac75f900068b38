"""Everything that can be examined from outside: what an operator asks when something seems wrong."""

from collections.abc import AsyncIterator, Mapping

from redis.exceptions import RedisError

from billing_service.config import Settings
from billing_service.operations import database_servers
from billing_service.operations.findings import CannotBeAsked, Finding, asked_of_the_database
from billing_service.operations.invariants import INVARIANTS, find_violations
from billing_service.operations.overdue import RUNBOOK, find_overdue
from billing_service.receipts.demand import Demand, Told, demand, is_configured
from billing_service.schema.compatibility import unfit_because
from billing_service.services import Services
from billing_service.yookassa.errors import Unauthorized, YookassaError
from billing_service.yookassa.schemas import Account

KNOWS_US = "YooKassa knows our shop"


async def examine(services: Services) -> AsyncIterator[Finding]:
    """Look at everything, change nothing. What cannot be reached is a finding, not an error; safe at any time."""
    unfit = await _database(services)
    yield Finding("the database can be used", unfit, see="the-database-is-away")
    if unfit is None:
        for rule in INVARIANTS:
            yield Finding(rule, await _violations(services, rule), see="invariant_broken")
        for what, trouble in (await _overdue(services)).items():
            yield Finding(what, trouble, see=RUNBOOK.get(what))
        async for finding in database_servers.findings(services.settings):
            yield finding
    yield Finding("Redis answers", await _redis(services), see="redis-is-away")
    account, silent = await _account(services)
    yield silent or Finding(KNOWS_US, _mistaken_because(services.settings, account))
    if account:
        yield _receipts(services.settings, account)


async def _database(services: Services) -> str | None:
    try:
        return await asked_of_the_database(_unfit(services))
    except CannotBeAsked as error:
        return f"it {error}"


async def _unfit(services: Services) -> str | None:
    async with services.db.engine.connect() as connection:
        return await unfit_because(connection, services.settings)


async def _violations(services: Services, rule: str) -> str | None:
    async def find() -> str | None:
        async with services.db.engine.connect() as connection:
            return ", ".join(await find_violations(connection, rule)) or None

    try:
        return await asked_of_the_database(find())
    except CannotBeAsked as error:
        return error.sentence


async def _overdue(services: Services) -> Mapping[str, str | None]:
    async def find() -> Mapping[str, str | None]:
        async with services.db.begin() as session:
            return await find_overdue(session, services.settings.shop_id)

    try:
        return await asked_of_the_database(find())
    except CannotBeAsked as error:
        return {"nothing is overdue": error.sentence}


async def _redis(services: Services) -> str | None:
    try:
        await services.redis.ping()
    except (RedisError, OSError) as error:
        return f"cannot be reached ({type(error).__name__}): limits are counted in each process"
    return None


async def _account(services: Services) -> tuple[Account | None, Finding | None]:
    """The shop that the key opens, or why nobody knows."""
    try:
        return await services.yookassa.get_me(), None
    except Unauthorized:
        return None, Finding(KNOWS_US, "it refuses our key", see="provider_refuses_our_key")
    except YookassaError as error:
        return None, Finding(
            KNOWS_US, f"it does not say ({error.outcome}, status {error.status})", see="yookassa-is-away"
        )


def _mistaken_because(settings: Settings, account: Account | None) -> str | None:
    """The key must open the shop we are configured for, a test shop in test mode only."""
    if account is None:
        return None
    if account.account_id != settings.shop_id:
        return f"the key belongs to shop {account.account_id}, not to {settings.shop_id}"
    if account.test is not settings.shop_is_test:
        return f"YOOKASSA_MODE is {settings.yookassa_mode}, but test is {account.test} for this shop"
    return None


def _receipts(settings: Settings, account: Account) -> Finding:
    """What holds for the shop, and whether it can hold."""
    holds = demand(settings, Told(account.fiscalization_enabled, account.fiscalization_provider))
    by = f" through {account.fiscalization_provider}" if account.fiscalization_provider else ""
    says = f"it fiscalises{by}" if account.fiscalization_enabled else "it does not fiscalise"
    trouble = None
    if account.fiscalization_enabled and holds is not Demand.DEMANDED:
        trouble = "it will refuse every payment without a receipt: RECEIPTS_MODE must be auto"
    elif holds is Demand.DEMANDED and not is_configured(settings):
        trouble = (
            "RECEIPT_TAX_SYSTEM_CODE and RECEIPT_VAT_CODES are blank: nothing says what stands in a receipt"
        )
    return Finding(f"receipts are {holds} (YooKassa says of the shop: {says})", trouble)
