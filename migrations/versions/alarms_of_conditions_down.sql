DROP TRIGGER tell_of_alarm ON alarms;
CREATE TRIGGER tell_of_alarm AFTER INSERT OR UPDATE OF facts ON alarms
    FOR EACH ROW EXECUTE FUNCTION tell_of_alarm();
DELETE FROM alarms WHERE subject = 'service';
