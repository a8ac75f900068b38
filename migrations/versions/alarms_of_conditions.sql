-- An alarm about a condition has a row too, so that people see it among the others. Its event is written by whoever tells
-- of conditions, once an hour while it lasts.
DROP TRIGGER tell_of_alarm ON alarms;
CREATE TRIGGER tell_of_alarm AFTER INSERT OR UPDATE OF facts ON alarms
    FOR EACH ROW WHEN (NEW.subject <> 'service') EXECUTE FUNCTION tell_of_alarm();
