-- For a list of unknown length the planner takes ten users and finds that a plan for the one at hand is cheaper, by less
-- than planning costs: two thirds of the time of a paid period's changes went into it. Both statements go by an index.
ALTER FUNCTION note_access_changes(bigint[]) SET plan_cache_mode = 'force_generic_plan';
