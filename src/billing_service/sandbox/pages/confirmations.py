"""What a person comes to a page for: to pay, or to bind a card. The page knows no more than this."""

from typing import Protocol

from billing_service.sandbox.model.cards import BankCard, Cancellation
from billing_service.sandbox.model.method_types import METHOD_TYPES
from billing_service.sandbox.model.objects import Money
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import Confirmable, MethodRecord, PaymentRecord
from billing_service.sandbox.model.states import Status
from billing_service.sandbox.money import methods, settling


class Confirmation(Protocol):
    """Something to confirm with a card or otherwise."""

    path: str
    account_id: str
    amount: Money | None
    description: str | None

    @property
    def record(self) -> Confirmable: ...

    @property
    def verb(self) -> str:
        """What the button says."""

    @property
    def open(self) -> bool:
        """Whether the person still can do something here."""

    @property
    def method_type(self) -> str | None:
        """How it has to be done, where the shop said so."""

    @property
    def saving(self) -> str:
        """`told`: the method will be stored; `asked`: the person may choose; `none`."""

    @property
    def failure(self) -> str | None:
        """The reason why it ended badly; None while it did not."""

    def by_card(self, card: BankCard, *, save: bool) -> None: ...

    def otherwise(self, method_type: str, *, save: bool) -> None: ...

    def refuse(self, why: Cancellation) -> None: ...


class Paying:
    verb = "Оплатить"

    def __init__(self, yookassa: Yookassa, record: PaymentRecord) -> None:
        self._yookassa = yookassa
        self.record = record
        self.path = f"/pay/{record.payment.id}"
        self.account_id = record.payment.recipient.account_id
        self.amount: Money | None = record.payment.amount
        self.description = record.payment.description

    @property
    def open(self) -> bool:
        return self.record.payment.status is Status.PENDING and not self.record.confirmed

    @property
    def method_type(self) -> str | None:
        method = self.record.payment.payment_method
        return method.type if method else None

    @property
    def saving(self) -> str:
        if self.record.save:
            return "told"
        shop = self._yookassa.shop
        may_ask = shop.offer_saving and shop.recurring and self.record.save is None
        return "asked" if may_ask and METHOD_TYPES[self.method_type or "bank_card"].storable else "none"

    @property
    def failure(self) -> str | None:
        details = self.record.payment.cancellation_details
        return details.reason if details else None

    def by_card(self, card: BankCard, *, save: bool) -> None:
        settling.pay_by_card(self._yookassa, self.record, card, save=save)

    def otherwise(self, method_type: str, *, save: bool) -> None:
        settling.pay_by_wallet(self._yookassa, self.record, method_type, save=save)

    def refuse(self, why: Cancellation) -> None:
        settling.decline(self._yookassa, self.record, why)


class Binding:
    verb = "Привязать"
    saving = "told"

    def __init__(self, yookassa: Yookassa, record: MethodRecord) -> None:
        self._yookassa = yookassa
        self.record = record
        self.path = f"/bind/{record.method.id}"
        self.account_id = record.method.holder.account_id
        self.amount: Money | None = None
        self.description: str | None = None

    @property
    def open(self) -> bool:
        return self.record.method.status is Status.PENDING

    @property
    def method_type(self) -> str | None:
        return self.record.method.type

    @property
    def failure(self) -> str | None:
        if self.record.method.status is not Status.INACTIVE:
            return None
        why = self.record.history[-1].why
        return why.partition(": ")[2] if why else "expired_on_confirmation"

    def by_card(self, card: BankCard, *, save: bool) -> None:  # noqa: ARG002  (binding is saving)
        methods.confirm_card(self._yookassa, self.record, card)

    def otherwise(self, method_type: str, *, save: bool) -> None:  # noqa: ARG002  (its type is fixed)
        methods.confirm_account(self._yookassa, self.record)

    def refuse(self, why: Cancellation) -> None:
        methods.refuse(self._yookassa, self.record, why)
