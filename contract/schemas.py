"""Whether everything that one JSON Schema lets pass is let pass by another: pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
# What bounds a value from below, and from above.
AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


@dataclass(frozen=True)
class Comparison:
    """What `sent` may hold and `read` does not expect. A caller sends by the released document and the service reads by
    the new one; with answers it is the other way round."""

    sent_by: Mapping[str, Json]
    read_by: Mapping[str, Json]
    of_answers: bool

    def differences(
        self, sent: Json, read: Json, at: str, seen: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """One sentence each; `at` names the place."""
        pair = f"{sent.get('$ref')} {read.get('$ref')}"
        if "$ref" in sent and "$ref" in read:
            if pair in seen:
                return
            seen |= {pair}
        sent_choices, read_choices = _choices(sent, self.sent_by), _choices(read, self.read_by)
        for choice in sent_choices:
            tried = [list(self._within(choice, other, at, seen)) for other in read_choices]
            if all(tried) and not (self.of_answers and "discriminator" in read):  # its kinds are an open list
                yield from min(tried, key=len)

    def _within(self, sent: Json, read: Json, at: str, seen: frozenset[str]) -> Iterator[str]:
        types = sent.get("type"), read.get("type")
        if types[0] != types[1] and types != ("integer", "number") and types[1] is not None:
            yield f"{at} may be {_named(sent)}, where {_named(read)} is expected"
            return
        yield from self._values(sent, read, at)
        yield from self._fields(sent, read, at, seen)
        for part in ("items", "additionalProperties"):
            if isinstance(read.get(part), dict):
                inner = sent.get(part)
                yield from self.differences(
                    inner if isinstance(inner, dict) else {}, read[part], f"{at}[]", seen
                )

    def _values(self, sent: Json, read: Json, at: str) -> Iterator[str]:
        expected = _values(read)
        if expected is not None and not set(_values(sent) or ["any"]) <= set(expected):
            more = sorted(set(_values(sent) or ["anything"]) - set(expected))
            yield f"{at} may be {', '.join(more)}, where only {', '.join(sorted(expected))} is expected"
        if sent.get("format") != read.get("format") and "format" in read and expected is None:
            yield f"{at} may be of another format than {read['format']}"
        if not self.of_answers and _closed(read) and not _closed(sent):
            yield f"{at} takes no unknown fields any more"
        if not self.of_answers:  # nobody is hurt by an answer that is longer or larger than it was
            yield from _bounds(sent, read, at)

    def _fields(self, sent: Json, read: Json, at: str, seen: frozenset[str]) -> Iterator[str]:
        theirs, ours = sent.get("properties", {}), read.get("properties", {})
        gone = ours.keys() - theirs.keys() if self.of_answers else theirs.keys() - ours.keys()
        yield from (f"{at}.{name} is gone" for name in sorted(gone) if theirs or ours)
        for name in sorted(set(read.get("required", ())) - set(sent.get("required", ())) - gone):
            yield f"{at}.{name} " + ("may be missing now" if self.of_answers else "is required now")
        for name in sorted(theirs.keys() & ours.keys()):
            yield from self.differences(theirs[name], ours[name], f"{at}.{name}", seen)


def _bounds(sent: Json, read: Json, at: str) -> Iterator[str]:
    for bound in AT_LEAST:
        if bound in read and sent.get(bound, float("-inf")) < read[bound]:
            yield f"{at} may be below {bound} {read[bound]}"
    for bound in AT_MOST:
        if bound in read and sent.get(bound, float("inf")) > read[bound]:
            yield f"{at} may be above {bound} {read[bound]}"
    if "pattern" in read and sent.get("pattern") != read["pattern"]:
        yield f"{at} may not match {read['pattern']}"


def _choices(schema: Json, named: Mapping[str, Json]) -> list[Json]:
    """The alternatives that it is made of, each without references."""
    if "$ref" in schema:
        return _choices(named[schema["$ref"].rpartition("/")[2]], named)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return [choice for one in schema[several] for choice in _choices(one, named)]
    if "allOf" in schema:
        (first, *more) = [_choices(one, named)[0] for one in schema["allOf"]]
        for one in more:
            first = first | one | {"properties": first.get("properties", {}) | one.get("properties", {})}
        return [first]
    if isinstance(schema.get("type"), list):
        return [schema | {"type": one} for one in schema["type"]]
    return [schema]


def _values(schema: Json) -> list[str] | None:
    if "const" in schema:
        return [str(schema["const"])]
    return [str(value) for value in schema["enum"]] if "enum" in schema else None


def _closed(schema: Json) -> bool:
    return schema.get("additionalProperties") is False


def _named(schema: Json) -> str:
    return str(schema.get("type", "anything"))
