ALTER TABLE alarms DROP COLUMN resolved_at;
