"""Money keeps every kopeck between us and the wire, and refuses what would have to be rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_service.kit.money import LARGEST, from_wire, to_wire, two_places

amounts = st.decimals(min_value=0, max_value=LARGEST, places=2)


@given(amounts)
def test_what_goes_to_the_wire_comes_back_the_same(amount: Decimal) -> None:
    assert str(from_wire(to_wire(amount))) == str(amount)


@given(amounts)
def test_the_wire_always_shows_two_places(amount: Decimal) -> None:
    roubles, dot, kopecks = to_wire(amount).partition(".")

    assert roubles.isdigit()
    assert (dot, len(kopecks)) == (".", 2)


@given(amounts, st.integers(min_value=1, max_value=9))
def test_a_third_place_is_refused_and_never_rounded(amount: Decimal, tenths: int) -> None:
    with pytest.raises(ValueError, match="money"):
        to_wire(amount + Decimal(tenths).scaleb(-3))


@given(st.text(alphabet="0123456789.,-+eE_ \u0660\n", max_size=14))
def test_only_plain_amounts_are_read_from_the_wire(text: str) -> None:
    try:
        amount = from_wire(text)
    except ValueError:
        return
    roubles, _, kopecks = text.partition(".")
    assert to_wire(amount) == f"{int(roubles)}.{kopecks:0<2}"


@pytest.mark.parametrize(("written", "wire"), [("299", "299.00"), ("299.5", "299.50"), ("1E+2", "100.00")])
def test_whole_roubles_are_written_out_in_full(written: str, wire: str) -> None:
    assert to_wire(Decimal(written)) == wire


@pytest.mark.parametrize("written", ["NaN", "sNaN", "Infinity", "-0.01", "-0.00", "10000000000.00", "1E+400"])
def test_what_is_no_amount_of_money_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an amount of money"):
        two_places(Decimal(written))


@pytest.mark.parametrize("value", [299.0, 299, "299.00", True, None])
def test_only_a_decimal_is_money(value: object) -> None:
    with pytest.raises(TypeError):
        to_wire(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "1.005", "-1.00", "+1.00", "1e2", "1_0", "1,00", " 1.00", "1.00\n", ".50", "1.", "٣.00", "NaN"],
)
def test_odd_text_is_not_read_as_money(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount of money"):
        from_wire(text)
