"""Who is known under which number: people get another one, get the old one back, and two become one."""

from collections.abc import Collection, Iterable


class Numbers:
    """Whom a number belongs to stays so for good: whoever has become somebody else is told of as that one."""

    def __init__(self, first: Iterable[int]) -> None:
        self._present = set(first)
        self._became: dict[int, set[int]] = {number: {number} for number in self._present}
        # While it is not known whether it was done.
        self.moving: set[int] = set()

    def present(self) -> list[int]:
        """Under which somebody is known now."""
        return sorted(self._present)

    def become(self, number: int, other: int) -> None:
        """Nobody is known under `number` any more: he is `other`."""
        all_of_both = self._became[number] | self._became.get(other, {other})
        for one in all_of_both:
            self._became[one] = all_of_both
        self._present.discard(number)
        self._present.add(other)

    def all_of(self, number: int) -> Collection[int]:
        """Every number of his, this one included."""
        return self._became.get(number, {number})

    def who(self, number: int) -> int:
        """The same for all numbers of one person."""
        return min(self.all_of(number))
