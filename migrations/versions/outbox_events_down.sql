DROP FUNCTION publish_events(integer);
DROP FUNCTION record_event(text, bigint, jsonb, boolean, text);
DROP FUNCTION subscription_state(bigint);
DROP FUNCTION pro_ends(bigint);
DROP FUNCTION event_time(timestamptz);
DROP TABLE event_replays;
DROP TABLE event_streams;
DROP TABLE event_feed;
DROP TABLE outbox_events;
