"""However many words others invent, a figure has a bounded number of labels."""

import re

from billing_service.kit.labels import BoundedLabels

WORD = re.compile("[a-z]+")


def test_known_words_and_the_first_few_others_are_labels_and_all_the_rest_is_one() -> None:
    labels = BoundedLabels(WORD, known={"known"}, at_most=2)

    met = [labels.label_for(word) for word in ("one", "two", "three", "known", "one", "three", "two")]

    assert met == ["one", "two", "other", "known", "one", "other", "two"]


def test_what_is_no_word_is_no_label_and_uses_up_no_place() -> None:
    labels = BoundedLabels(WORD, known=(), at_most=1)

    met = [labels.label_for(text) for text in ("4000 0000", "", "word\n", "Word", "word")]

    assert met == ["other", "other", "other", "other", "word"]
