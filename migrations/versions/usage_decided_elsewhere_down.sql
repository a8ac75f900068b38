DROP FUNCTION feature_usage_report(bigint, text, integer, text, date, text);
