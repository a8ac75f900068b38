"""docs/renewals.md shows the table of declines as the code has it."""

from tools.decline_table import DOC, written


def test_it_is_the_codes() -> None:
    assert DOC.read_text() == written(DOC.read_text()), "make docs"
