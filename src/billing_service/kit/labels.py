"""Words of other people's as labels of a figure: a bounded number of them, whatever comes."""

import re
from collections.abc import Iterable

OTHER = "other"


class BoundedLabels:
    """`known` words and the first `at_most` others that look like `word`; all the rest is `other`."""

    def __init__(self, word: re.Pattern[str], *, known: Iterable[str], at_most: int) -> None:
        self._word = word
        self._known = frozenset(known)
        self._met: set[str] = set()
        self._at_most = at_most

    def label_for(self, text: str) -> str:
        if text in self._known or text in self._met:
            return text
        if len(self._met) >= self._at_most or not self._word.fullmatch(text):
            return OTHER
        self._met.add(text)
        return text
