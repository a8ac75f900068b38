"""`billing-service refund`: send money back from the command line."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID, uuid4

import typer
from pydantic import ValidationError

from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, Yes, stop
from billing_service.refunds import service
from billing_service.refunds.access import Access
from billing_service.refunds.models import Refund
from billing_service.refunds.orders import Order
from billing_service.refunds.previews import Outlook, look_ahead
from billing_service.refunds.schemas import RefundIn
from billing_service.services import Services, Verb

Payment = Annotated[UUID, typer.Argument(help="Our id of the payment.")]
Amount = Annotated[str | None, typer.Option(help="In roubles, as 100.00; all that is left without it.")]
Effect = Annotated[Access | None, typer.Option(help="What becomes of the access; as configured without it.")]
Key = Annotated[
    str | None,
    typer.Option(help="The key of an earlier try whose answer was lost: the same key is the same refund."),
]
Email = Annotated[
    str | None, typer.Option(help="Where the receipt of a part goes; the known one without it.")
]
Phone = Annotated[str | None, typer.Option(help="The same, by telephone with its country code.")]


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The command `refund`; `run` lends it the services of this installation."""

    @app.command()
    def refund(
        *,
        payment_id: Payment,
        author: Who,
        reason: Why,
        amount: Amount = None,
        access: Effect = None,
        key: Key = None,
        receipt_email: Email = None,
        receipt_phone: Phone = None,
        yes: Yes = False,
    ) -> None:
        """Send all or a part of a payment back. Shows what it will do, and asks before it does."""
        contact = {"email": receipt_email, "phone": receipt_phone}
        named = {name: written for name, written in contact.items() if written is not None}
        said = {"amount": amount, "access": access, "author": author, "reason": reason}
        wish = _read(**said, receipt_contact=named or None)
        key = key or uuid4().hex
        order = Order(
            payment_id=payment_id,
            amount=wish.money,
            access=wish.access,
            reason=wish.reason,
            author=wish.author,
            caller=CLI,
            idempotency_key=key,
            request_id="",
            receipt_contact=wish.receipt_contact.contact if wish.receipt_contact else None,
        )

        async def act(services: Services) -> None:
            _show_outlook(await look_ahead(services, order))
            if not yes:
                typer.confirm("send it back?", abort=True)
            typer.echo(f"should the answer be lost, repeat it with --key {key}")
            _show(await service.start(services, order))

        run(act)


def _read(**said: object) -> RefundIn:
    try:
        return RefundIn.model_validate(said)
    except ValidationError as error:
        stop("\n".join(f"--{_option(one['loc'])}: {one['msg']}" for one in error.errors()))


def _option(where: tuple[int | str, ...]) -> str:
    """`amount`, or `receipt-email` for what stands inside the contact."""
    return f"receipt-{where[1]}" if where[0] == "receipt_contact" else str(where[0])


def _show_outlook(outlook: Outlook) -> None:
    typer.echo(
        f"user {outlook.user_id} paid {outlook.paid} {outlook.currency} for {outlook.description or 'nothing named'}; "
        f"{outlook.returned} went back, {outlook.open} is on its way"
    )
    typer.echo(f"{outlook.amount} {outlook.currency} will go back, and then of the access: {outlook.access}")


def _show(refund: Refund) -> None:
    because = f" ({refund.cancellation_reason})" if refund.cancellation_reason else ""
    typer.echo(f"refund {refund.id}: {refund.state.lower()}{because}, {refund.amount} {refund.currency}")
