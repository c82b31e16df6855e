"""What an applicant may say of a case besides its level: words to tick, and whether their name goes with it.

They become the head of the comment, so that whoever reads a rating reads them, under every version of a flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from workflows.errors import Malformed

WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "quick": ("办得快", "Quick"),
        "friendly": ("态度好", "Friendly"),
        "clear": ("一次说清", "Told everything at once"),
        "one_visit": ("只跑一次", "One visit was enough"),
        "slow": ("等得久", "Long wait"),
        "unfriendly": ("态度差", "Unfriendly"),
        "unclear": ("没说清楚", "Not told clearly"),
        "many_visits": ("多跑路", "Too many visits"),
    }
)
"""What may be ticked, in Chinese and English; whoever rates is not led to any of them (国办发〔2019〕51号)."""
NAMED: Final = ("实名评价", "With my name")
ANONYMOUS: Final = ("匿名评价", "Anonymous")


def comment_of(comment: str, tags: Sequence[str], named: bool | None) -> str:
    """The comment as it is kept.

    :param named: True: the name may go with it; False: it is not to be shown with it; None: nobody asked.
    :raises Malformed: ``rating_word_unknown``.
    """
    unknown = sorted(set(tags) - set(WORDS))
    if unknown:
        raise Malformed("rating_word_unknown", "没有这个评价词。", f"There is no such word: {', '.join(unknown)}.")
    said = [WORDS[tag][0] for tag in dict.fromkeys(tags)]
    head = [] if named is None else [(NAMED if named else ANONYMOUS)[0]]
    marked = "".join(f"【{word}】" for word in (*head, *said))
    return f"{marked}{comment}"
