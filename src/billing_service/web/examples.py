"""Examples on the OpenAPI page, so that each can be executed and read as it is shown."""

from typing import Any

Schema = dict[str, Any]


def fill_in(parameter: Schema) -> None:
    """Put a parameter's example where the page fills its field in from; FastAPI leaves it inside the schema."""
    for example in parameter["schema"].pop("examples", ())[:1]:
        parameter["example"] = example


def _chosen(example: Any, schema: Schema) -> list[Schema]:  # noqa: ANN401 (JSON)
    """Which of several alternatives the example says that it is."""
    if not isinstance(example, dict) or "discriminator" not in schema:
        return []
    said = schema["discriminator"]
    return [{"$ref": said["mapping"][example[said["propertyName"]]]}]


def complete(example: Any, schema: Schema, schemas: Schema) -> Any:  # noqa: ANN401 (JSON)
    """The example with its fields in the order of the answer, and with the nulls that FastAPI drops put back: what is
    required and missing was one."""
    resolved = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    for choice in [*resolved.get("anyOf", ()), *_chosen(example, resolved)]:
        example = complete(example, choice, schemas)
    if isinstance(example, list):
        return [complete(item, resolved.get("items", {}), schemas) for item in example]
    if not isinstance(example, dict):
        return example
    fields = resolved.get("properties", {})
    ordered = [name for name in fields if name in example or name in resolved.get("required", ())]
    return {name: complete(example.get(name), fields[name], schemas) for name in ordered} | {
        name: value for name, value in example.items() if name not in ordered
    }
