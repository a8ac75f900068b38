"""Changes that nobody thought of: drawn by a seed among all that Cosmic Ray can make in the rooms where money moves."""

import ast
import difflib
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from mutants.change import Change

SOURCE = Path("src/billing_service")
ROOMS = ("payments", "refunds", "renewals", "payment_methods", "usage")
SHOWN = {"frozen", "json_schema_extra", "examples", "description", "summary", "responses"}
# What a model says of a constraint that the migrations make; a test compares the two.
MIRRORED = {"deferrable", "use_alter"}
Position = tuple[int, int]
Span = tuple[Position, Position]


@dataclass(frozen=True)
class Place:
    """Where something can be changed, and by which operators of Cosmic Ray, each with its occurrence in the file."""

    file: Path
    line: int
    column: int
    operators: Sequence[tuple[str, int]]


def places(root: Path, rooms: Collection[str]) -> Sequence[Place]:
    """Everywhere in these rooms but where only a type checker looks, in the order of files, lines and columns."""
    files = [path for room in sorted(rooms) for path in sorted((root / SOURCE / room).rglob("*.py"))]
    return [place for file in files for place in _places_of(root, file.relative_to(root))]


def draw(root: Path, among: Sequence[Place], *, seed: int, number: int) -> Sequence[tuple[Place, Change]]:
    """So many of them; first a place, then what happens there, so that `a + b` counts as often as `not a`.

    The same for the same seed and the same code. Which tests should notice is not yet known.
    """
    dice = random.Random(seed)  # noqa: S311 (drawn, not secret)
    shuffled = dice.sample(among, len(among))
    changes = ((place, _change(root, place, *dice.choice(place.operators))) for place in shuffled)
    return list(islice(((place, change) for place, change in changes if _is_python(change.after)), number))


def _is_python(text: str) -> bool:
    """Not so where Cosmic Ray takes the stars of `**options` for a power."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _places_of(root: Path, file: Path) -> Iterator[Place]:
    text = (root / file).read_text()
    parsed, tree = ast.parse(text), get_ast(text)
    unread, arithmetic = list(_spans_that_nothing_reads(parsed)), list(_spans_of_arithmetic(parsed))
    found: dict[Position, list[tuple[str, int]]] = defaultdict(list)
    for name in operator_names():
        operator = get_operator(name)
        if not operator.arguments():
            starts = (start for node in ast_nodes(tree) for start, _ in operator().mutation_positions(node))
            for occurrence, start in enumerate(starts):
                if "BinaryOperator" not in name or _is_within(arithmetic, start):
                    found[start].append((name, occurrence))
    for (line, column), operators in sorted(found.items()):
        if not _is_within(unread, (line, column)):
            yield Place(file, line, column, operators)


def _is_within(spans: Sequence[Span], position: Position) -> bool:
    return any(begin <= position < end for begin, end in spans)


def _spans_of_arithmetic(tree: ast.Module) -> Iterator[Span]:
    """Where an operator stands between two values: Cosmic Ray takes stars of arguments for one too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            yield _span(node.left)[1], _span(node.right)[0]


def _spans_that_nothing_reads(tree: ast.Module) -> Iterator[Span]:
    """Annotations and `frozen=True`, for the type checker; examples and words, for the page of the API; what
    models mirror."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(returns=ast.expr() as unread)
                | ast.AsyncFunctionDef(returns=ast.expr() as unread)
            ):
                yield _span(unread)
            case ast.AnnAssign(annotation=annotation, value=ast.expr() as example) if "JsonValue" in ast.dump(
                annotation
            ):
                yield _span(example)
            case ast.arg(annotation=ast.expr() as unread) | ast.AnnAssign(annotation=unread):
                yield _span(unread)
            case ast.keyword(arg=name, value=unread) if name in SHOWN | MIRRORED:
                yield _span(unread)


def _span(node: ast.expr) -> Span:
    assert node.end_lineno is not None  # noqa: S101 (of what was parsed it is known)
    assert node.end_col_offset is not None  # noqa: S101
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _change(root: Path, place: Place, operator: str, occurrence: int) -> Change:
    before = (root / place.file).read_text()
    after = mutate_code(before, get_operator(operator)(), occurrence)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    differs = [line for line in lines if line[:1] in "+-" and line[:3] not in {"---", "+++"}]
    short = place.file.relative_to(SOURCE)
    return Change(
        name=f"{short}:{place.line}:{place.column} {operator.partition('/')[2]}",
        file=str(place.file),
        before=before,
        after=after,
        promise="\n    ".join(differs),
        noticed_by=(),
    )
