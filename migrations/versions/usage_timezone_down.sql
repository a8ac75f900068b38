DROP FUNCTION is_time_zone(text);
DROP TABLE usage_timezone;
