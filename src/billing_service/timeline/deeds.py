"""What people did for a user, in words. One row a deed."""

from collections.abc import Mapping

from billing_service.resolutions.decisions import Verb
from billing_service.timeline.facts import Data, Fact

PHOTOS = "photo_ai"
# What is said of a deed, after its day; `{...}` is of its details.
DEEDS: Mapping[str, str] = {
    "usage.reset": "обнулён дневной лимит{by}: было использовано {used}",
    "payment.resolved": "решено, как быть с оплатой: {resolved}{by}",
    "payment.adopted": "принят платёж, о котором здесь не знали{by}",
    "legacy.repaired": "решено, как быть с платежом из прежней системы{by}",
    "user.moved": "пользователь {from_user_id} стал пользователем {to_user_id}, дни и оплаты обоих теперь вместе{by}",
    "user.erased": "стёрты личные данные пользователя{by}",
}
# Written down by another release.
ANOTHER = "оператор выполнил действие {action}{by}"
# What a person decided about money that no rule can.
RESOLVED: Mapping[str, str] = {
    Verb.GRANT: "дни остаются у плательщика",
    Verb.REFUND: "деньги возвращаются",
    Verb.DISMISS: "ничего не делать",
}


def used_of(data: Data, name: str) -> str:
    """`3 фото`, or `3 «personal_plan»` of another feature."""
    feature = data.get("feature", PHOTOS)
    return f"{data[name]} {'фото' if feature == PHOTOS else f'«{feature}»'}"


def done_by_hand(fact: Fact) -> str:
    data, action = fact.data, fact.data["action"]
    said = dict(data) | {"by": fact.by_whom}
    if action == "usage.reset":
        said["used"] = used_of(data, "used_before")
    if action == "payment.resolved":
        said["resolved"] = RESOLVED[data["verb"]]
    return f"{fact.today} {DEEDS.get(action, ANOTHER).format_map(said)}."
