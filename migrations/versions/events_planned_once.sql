-- Who settles on a connection that is a few statements old planned each of these five times before he kept a plan, which
-- took longer than what they do: a shop of a few payments an hour never came to the sixth. Each looks up one user.
ALTER FUNCTION tell_of_new_period() SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION tell_of_moved_periods() SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION tell_of_payment() SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION tell_of_refund() SET plan_cache_mode = 'force_generic_plan';
