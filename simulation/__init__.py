"""One seed, one world: months of a shop in seconds, whatever can go wrong, and all that must hold looked at each hour.

`scheduler` lets exactly one task run until it waits for an answer, and time pass when nobody can; `control` and
`connections` bring that to PostgreSQL. `world` is the real service and a pretend YooKassa, `processes` and `jobs` run
it; `people`, `operators` and `receiver` live in it, `provider_faults` spoils it, `checks` and `ledger` judge it.
"""
