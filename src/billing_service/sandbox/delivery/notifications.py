"""What the shop is told, and what faults do to it on the way. Sending is the work of `sender`.

Three top-level keys, a snapshot of the object at the event; no signature, no event id, no attempt number.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from billing_service.sandbox.model.faults import IN_NOTIFICATIONS, NOTIFICATION, Fault, Rule, strike
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.state import Notification

Body = dict[str, Any]

# How late a delayed notification comes, and how long one waits to be overtaken, unless the rule says.
LATE = 60.0


def announce(yookassa: Yookassa, event: str, snapshot: Body) -> None:
    """Tell the shop about this event, as the faults of the moment allow."""
    rule = strike(yookassa.state.rules, yookassa.ids, NOTIFICATION, IN_NOTIFICATIONS)
    if rule is None:
        _enqueue(yookassa, event, snapshot)
        return
    _TWISTS[rule.fault](yookassa, event, snapshot, rule)


def announce_plainly(yookassa: Yookassa, event: str, snapshot: Body) -> list[Notification]:
    """Tell the shop now, whatever the faults and the object's state are."""
    return _enqueue(yookassa, event, snapshot)


def _enqueue(
    yookassa: Yookassa, event: str, snapshot: Body, *, fault: Fault | None = None, late: float = 0
) -> list[Notification]:
    body = {"type": "notification", "event": event, "object": snapshot}
    return [_address(yookassa, body, url, fault, late) for url in _recipients(yookassa, event)]


def _recipients(yookassa: Yookassa, event: str) -> list[str | None]:
    """The shop's own address, known or not, and those an OAuth application asked for."""
    subscribed = [hook.url for hook in yookassa.state.webhooks.values() if hook.event == event]
    return [yookassa.shop.notify_url, *subscribed]


def _address(
    yookassa: Yookassa, body: Body, url: str | None, fault: Fault | None, late: float
) -> Notification:
    now = yookassa.now
    number = yookassa.ids.count("notification")
    notification = Notification(
        id=f"n{number}",
        number=number,
        event=body["event"],
        object_id=body["object"]["id"],
        url=url,
        body=body,
        happened_at=now,
        next_at=now + timedelta(seconds=late),
        fault=fault,
    )
    if fault is Fault.LOSE:
        notification.state, notification.next_at = "lost", None
    elif url is None:
        notification.state, notification.next_at = "unaddressed", None
    else:
        yookassa.due.append(notification)
    yookassa.state.notifications.append(notification)
    return notification


def _marked(yookassa: Yookassa, event: str, snapshot: Body, rule: Rule) -> None:
    """Lost and early notifications are the same message; only their journey differs."""
    _enqueue(yookassa, event, snapshot, fault=rule.fault)


def _late(yookassa: Yookassa, event: str, snapshot: Body, rule: Rule) -> None:
    _enqueue(yookassa, event, snapshot, fault=rule.fault, late=LATE if rule.seconds is None else rule.seconds)


def _double(yookassa: Yookassa, event: str, snapshot: Body, rule: Rule) -> None:
    _enqueue(yookassa, event, snapshot)
    _enqueue(yookassa, event, snapshot, fault=rule.fault)


def _wrong_amount(yookassa: Yookassa, event: str, snapshot: Body, rule: Rule) -> None:
    amount = {**snapshot.get("amount", {"currency": "RUB"}), "value": "1.23"}
    _enqueue(yookassa, event, {**snapshot, "amount": amount}, fault=rule.fault)


def _forge(yookassa: Yookassa, event: str, snapshot: Body, rule: Rule) -> None:
    """Somebody else's message comes first: a success of an object that does not exist."""
    stranger = {**snapshot, "id": yookassa.ids.payment(yookassa.now), "status": "succeeded", "paid": True}
    _enqueue(yookassa, event, stranger, fault=rule.fault)
    _enqueue(yookassa, event, snapshot)


def _unknown_fields(yookassa: Yookassa, event: str, snapshot: Body, rule: Rule) -> None:
    novelty = {"loyalty_points": {"earned": 3, "programme": None}, "tags": ["new"]}
    _enqueue(yookassa, event, {**snapshot, **novelty}, fault=rule.fault)


def _unknown_event(yookassa: Yookassa, _event: str, snapshot: Body, rule: Rule) -> None:
    _enqueue(yookassa, "payment.reconsidered", snapshot, fault=rule.fault)


_TWISTS: dict[Fault, Callable[[Yookassa, str, Body, Rule], None]] = {
    Fault.LOSE: _marked,
    Fault.EARLY: _marked,
    Fault.DELAY: _late,
    Fault.REORDER: _late,
    Fault.DOUBLE: _double,
    Fault.WRONG_AMOUNT: _wrong_amount,
    Fault.FORGE: _forge,
    Fault.UNKNOWN_FIELDS: _unknown_fields,
    Fault.UNKNOWN_EVENT: _unknown_event,
}
