"""Refunds and receipts as the provider knows them."""

from pydantic import BaseModel

from billing_service.sandbox.control.deps import TheYookassa, room
from billing_service.sandbox.control.log import Limit
from billing_service.sandbox.model.objects import Receipt, Refund
from billing_service.sandbox.model.records import HistoryLine

router = room("refunds and receipts")


class RefundView(Refund):
    history: list[HistoryLine]


class Refunds(BaseModel):
    results: list[RefundView]


class ReceiptView(Receipt):
    history: list[HistoryLine]


class Receipts(BaseModel):
    results: list[ReceiptView]


@router.get("/refunds", response_model_exclude_none=True)
async def list_refunds(yookassa: TheYookassa, limit: Limit = 100) -> Refunds:
    """All refunds, newest first."""
    newest = list(reversed(yookassa.state.refunds.values()))[:limit]
    return Refunds(results=[RefundView(**dict(r.refund), history=r.history) for r in newest])


@router.get("/receipts", response_model_exclude_none=True)
async def list_receipts(yookassa: TheYookassa, limit: Limit = 100) -> Receipts:
    """All receipts, newest first."""
    newest = list(reversed(yookassa.state.receipts.values()))[:limit]
    return Receipts(results=[ReceiptView(**dict(r.receipt), history=r.history) for r in newest])
