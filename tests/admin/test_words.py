"""Whatever the panel shows by a name has its words in Russian: the owner does not read the code."""

import inspect
import re

from billing_service.charging.declines import DECLINES as REACTIONS
from billing_service.operations.daily_audit import DAYS, MONEY
from billing_service.operations.invariants import INVARIANTS
from billing_service.payments import comparison as payment_comparison
from billing_service.payments.cancellations import EXPLANATIONS
from billing_service.refunds import comparison as refund_comparison
from billing_service.resolutions.decisions import Because, Said
from billing_service.sandbox.money.refunds import REASONS as REFUSALS
from billing_service.wording.resolutions import told
from billing_service.wording.rules import RULES, stopped_because
from billing_service.wording.statuses import DIFFERENCES, REFUND_REFUSED, trouble
from billing_service.wording.words import DECLINES


def test_every_rule_and_every_reason_of_a_decline_is_told_in_russian() -> None:
    assert {*INVARIANTS, MONEY, DAYS} == RULES.keys()
    assert EXPLANATIONS.keys() | REACTIONS.keys() <= DECLINES.keys()
    assert REFUSALS.keys() == REFUND_REFUSED.keys()
    assert not [said for said in (*RULES.values(), *DECLINES.values()) if re.search(r"\b[a-z]{3}", said)]


def test_what_yookassa_says_otherwise_is_told_in_russian() -> None:
    source = "".join(inspect.getsource(module) for module in (payment_comparison, refund_comparison))
    names = set(re.findall(r'yield "([a-z]+)"', source))

    assert names == DIFFERENCES.keys()
    assert trouble("contradicts our row: amount, id") == "не так, как записано у нас: сумма, номер в ЮKassa"
    assert trouble("no payment of ours fits") == "нашего платежа к нему нет"
    assert told(Said(Because.NOT_SETTLED, {"differences": "amount"})).startswith(
        "Здесь он не учтён, потому что ЮKassa сообщает другое (сумма)"
    )


def test_why_charging_was_stopped_is_told_in_russian_and_a_person_in_his_own_words() -> None:
    assert (
        stopped_because("audit", "a paid plan has its period")
        == "сверка: нарушено «у каждой оплаты есть её дни»"
    )
    assert stopped_because("trip", "12 of the last 50 charges were declined").startswith("банк отклоняет")
    assert stopped_because("operator", "ждём банк") == "ждём банк"
