"""The pages of every act: its form, what it will do, what it did."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.admin.panel import Panel, Visit, go_to
from billing_service.admin.routing import PanelRoute
from billing_service.audit.schemas import Reason
from billing_service.kit.errors import BillingError
from billing_service.staff import once
from billing_service.staff.once import Form, Outcome
from billing_service.staff.roles import Role

REASON: TypeAdapter[str] = TypeAdapter(Reason)
# What an act is about, typed once more.
AGAIN = "again"


class Changed(Exception):
    """What was shown is not what would be done now."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        super().__init__()


def routes(panel: Panel, acts: Sequence[Act]) -> Iterator[PanelRoute]:
    for act in acts:
        pages = ActPages(act)
        yield PanelRoute(panel, f"/acts/{act.name}", pages.show_form, role=act.role)
        yield PanelRoute(
            panel, f"/acts/{act.name}/preview", pages.show_preview, role=act.role, methods=["POST"]
        )
        yield PanelRoute(panel, f"/acts/{act.name}", pages.do, role=act.role, methods=["POST"])
    yield PanelRoute(
        panel, "/acts/done/{key:uuid}", OutcomePage({act.name: act for act in acts}).show, role=Role.SUPPORT
    )


@dataclass(frozen=True)
class Read:
    """What stands in a form: `texts` as they were typed, `said` as they are meant, `wrong` by field what is not.

    `secrets` are asked for beside the button; of them there is no text."""

    subject: str
    fields: Sequence[Field]
    secrets: Sequence[Field]
    texts: Mapping[str, str]
    said: dict[str, Any]
    wrong: Mapping[str, str]
    reason: str


@dataclass(frozen=True)
class ActPages:
    act: Act

    async def show_form(self, visit: Visit) -> Response:
        subject = visit.asked("subject")
        self._refuse_strange(subject)
        now = await self.act.now(visit.services, subject) if self.act.now else {}
        fields, secrets = await self._fields(visit)
        texts = {one.name: visit.asked(one.name) or now.get(one.name, one.default) for one in fields}
        return self._form(visit, Read(subject, fields, secrets, texts, {}, {}, ""))

    async def show_preview(self, visit: Visit) -> Response:
        read = await self._read(visit)
        if read.wrong:
            return self._form(visit, read, status=422)
        key = uuid4()
        try:
            preview = await self.act.preview(visit.services, self._wish(visit, read, key))
        except BillingError as error:
            return self._form(visit, read, status=error.status, refused=error)
        return self._preview(visit, read, key, preview)

    async def do(self, visit: Visit) -> Response:
        """Once for each form that was shown, and only what was shown."""
        read, key = await self._read(visit), _key(visit.form)
        if read.wrong:
            return self._form(visit, read, status=422)
        wish = self._wish(visit, read, key)
        if wrong := self._last_words(visit, read):
            return await self._show_again(visit, replace(read, wrong=wrong), wish)

        async def work(again: bool) -> Outcome:
            # Begun before, it may have been done in part: what was seen then is what it finishes.
            preview = None if again else await self.act.preview(visit.services, wish)
            if preview and preview.digest != visit.form.get("seen"):
                raise Changed(preview)
            return (await self.act.perform(visit.services, wish)).stored()

        try:
            outcome = await once.do(
                visit.services, Form(key, visit.session.account, self.act.name, _fingerprint(read)), work
            )
        except Changed as changed:
            return self._preview(visit, read, uuid4(), changed.preview, changed=True, status=409)
        except BillingError as error:
            return self._form(visit, read, status=error.status, refused=error)
        if outcome is None:
            raise CannotDo("Это действие ещё выполняется. Обновите страницу через минуту.")
        return go_to(f"/acts/done/{key}")

    def _refuse_strange(self, subject: str) -> None:
        if not re.fullmatch(self.act.subject, subject):
            raise HTTPException(404)

    async def _show_again(self, visit: Visit, read: Read, wish: Wish) -> Response:
        """What was shown, for what was typed beside the button is wrong; nothing was done under this key."""
        try:
            preview = await self.act.preview(visit.services, wish)
        except BillingError as error:
            return self._form(visit, read, status=error.status, refused=error)
        return self._preview(visit, read, wish.key, preview, status=422)

    async def _fields(self, visit: Visit) -> tuple[Sequence[Field], Sequence[Field]]:
        """With the choices that there are now; secrets apart."""
        fields = [
            one._replace(choices=await one.choices_of(visit.services)) if one.choices_of else one
            for one in self.act.fields
            if one.is_asked is None or one.is_asked(visit.services)
        ]
        return [one for one in fields if not one.is_secret], [one for one in fields if one.is_secret]

    def _last_words(self, visit: Visit, read: Read) -> Mapping[str, str]:
        """Takes into `read.said` what is typed beside the button; answers what of it is wrong."""
        wrong = dict[str, str]()
        if self.act.is_typed_again and visit.form.get(AGAIN, "").strip() != read.subject:
            wrong[AGAIN] = f"Впишите точно так же: {read.subject}"
        for one in read.secrets:
            try:
                read.said[one.name] = _meant(one, visit.form.get(one.name, ""))
            except ValueError as error:
                wrong[one.name] = str(error)
        return wrong

    async def _read(self, visit: Visit) -> Read:
        subject = visit.form.get("subject", "")
        self._refuse_strange(subject)
        fields, secrets = await self._fields(visit)
        texts = {one.name: visit.form.get(one.name, "").strip() for one in fields}
        said, wrong = dict[str, Any](), dict[str, str]()
        for one in fields:
            try:
                said[one.name] = _meant(one, texts[one.name])
            except ValueError as error:
                wrong[one.name] = str(error)
        reason = visit.form.get("reason", "")
        try:
            reason = REASON.validate_python(reason)
        except ValidationError:
            wrong["reason"] = "Напишите причину: она останется в журнале."
        return Read(subject, fields, secrets, texts, said, wrong, reason)

    def _wish(self, visit: Visit, read: Read, key: UUID) -> Wish:
        return Wish(read.subject, read.said, visit.deed(read.reason), key)

    def _form(
        self, visit: Visit, read: Read, *, status: int = 200, refused: BillingError | None = None
    ) -> Response:
        return visit.page("act_form.html", status=status, act=self.act, read=read, refused=refused)

    def _preview(
        self,
        visit: Visit,
        read: Read,
        key: UUID,
        preview: Preview,
        *,
        changed: bool = False,
        status: int = 200,
    ) -> Response:
        return visit.page(
            "act_preview.html",
            status=status,
            act=self.act,
            read=read,
            key=key,
            preview=preview,
            changed=changed,
        )


@dataclass(frozen=True)
class OutcomePage:
    """What came of an act; shown to who did it, as often as the page is loaded."""

    acts: Mapping[str, Act]

    async def show(self, visit: Visit) -> Response:
        key: UUID = visit.request.path_params["key"]
        found = await once.outcome_of(visit.services, visit.session.account, key)
        if found is None or found[0] not in self.acts:
            raise HTTPException(404)
        done = Done(**found[1]) if found[1] is not None else None
        return visit.page("act_done.html", act=self.acts[found[0]], done=done)


def _meant(one: Field, text: str) -> Any:  # noqa: ANN401 (each field has a type of its own)
    if not text:
        if one.may_be_blank:
            return None
        raise ValueError("Это нужно заполнить.")
    if "\0" in text or len(text) > 20_000:
        raise ValueError("Слишком длинно.")
    if one.choices and text not in one.choices:
        raise ValueError("Выберите из списка.")
    return one.read(text)


def _key(form: Mapping[str, str]) -> UUID:
    try:
        return UUID(form.get("key", ""))
    except ValueError:
        raise HTTPException(400) from None


def _fingerprint(read: Read) -> str:
    words = [read.subject, sorted(read.texts.items()), read.reason]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
