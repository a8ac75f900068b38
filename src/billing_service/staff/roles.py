"""Who may do what in the panel: three roles, each of which may do what the one before it may."""

from enum import StrEnum


class Role(StrEnum):
    """`support` reads and has things looked at again; `finance` also moves money, days and prices; `owner` also stops
    charging, and says who may come in."""

    SUPPORT = "support"
    FINANCE = "finance"
    OWNER = "owner"

    def may(self, needed: "Role") -> bool:
        """Whether somebody in this role may do what `needed` is the least role for."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
