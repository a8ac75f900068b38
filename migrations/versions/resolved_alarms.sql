-- A person has decided what an alarm was about; what changes about it later stands again.

ALTER TABLE alarms ADD COLUMN resolved_at TIMESTAMP WITH TIME ZONE;
