ALTER FUNCTION tell_of_new_period() RESET ALL;
ALTER FUNCTION tell_of_moved_periods() RESET ALL;
ALTER FUNCTION tell_of_payment() RESET ALL;
ALTER FUNCTION tell_of_refund() RESET ALL;
