-- What the main backend is told. A row is written in the transaction of its fact; a publisher numbers what is committed.

CREATE TABLE outbox_events (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    written_no BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    kind TEXT NOT NULL,
    user_id BIGINT,
    data JSONB NOT NULL,
    state JSONB,
    once TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    feed_no BIGINT,
    user_seq BIGINT,
    outcome TEXT,
    concluded_at TIMESTAMP WITH TIME ZONE,
    answer JSONB,
    CONSTRAINT pk_outbox_events PRIMARY KEY (id),
    CONSTRAINT ck_outbox_events_kind_is_a_word CHECK (kind ~ '^[a-z_]+[.][a-z_]+$'),
    CONSTRAINT ck_outbox_events_state_is_of_a_user CHECK (state IS NULL OR user_id IS NOT NULL),
    CONSTRAINT ck_outbox_events_numbered_wholly CHECK ((feed_no IS NULL) = (user_seq IS NULL)),
    CONSTRAINT ck_outbox_events_concluded_once_numbered CHECK (
        (outcome IS NULL) = (concluded_at IS NULL) AND (outcome IS NULL OR feed_no IS NOT NULL)
    ),
    CONSTRAINT ck_outbox_events_outcome_known CHECK (outcome IN ('delivered', 'gone', 'dead')),
    CONSTRAINT ck_outbox_events_small CHECK (
        octet_length(data::text) + coalesce(octet_length(state::text), 0) < 18000
    ),
    CONSTRAINT uq_outbox_events_feed_no UNIQUE (feed_no)
);

CREATE UNIQUE INDEX uq_outbox_events_user_id_user_seq ON outbox_events (coalesce(user_id, 0), user_seq);
CREATE UNIQUE INDEX uq_outbox_events_once ON outbox_events (once) WHERE once IS NOT NULL;
CREATE INDEX ix_outbox_events_written_no ON outbox_events (written_no) WHERE feed_no IS NULL;
CREATE INDEX ix_outbox_events_occurred_at ON outbox_events (occurred_at);

-- How far the feed is numbered. A row of its own: the newest event may have grown old and been deleted.
CREATE TABLE event_feed (
    last_no BIGINT NOT NULL,
    singleton BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_event_feed PRIMARY KEY (singleton),
    CONSTRAINT ck_event_feed_singleton CHECK (singleton)
);

-- One line a user, in which his events are delivered one after the other; 0 is the line of those that are of no user.
CREATE TABLE event_streams (
    user_id BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    next_seq BIGINT DEFAULT 1 NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    first_tried_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_event_streams PRIMARY KEY (user_id),
    CONSTRAINT ck_event_streams_next_is_at_most_one_ahead CHECK (next_seq BETWEEN 1 AND last_seq + 1)
);

CREATE INDEX ix_event_streams_due_at ON event_streams (due_at) WHERE next_seq <= last_seq;

-- Events that somebody wants to be sent once more, beside the lines.
CREATE TABLE event_replays (
    event_id UUID NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    first_tried_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_event_replays PRIMARY KEY (event_id),
    CONSTRAINT fk_event_replays_event_id FOREIGN KEY (event_id) REFERENCES outbox_events (id) ON DELETE CASCADE
);

CREATE INDEX ix_event_replays_due_at ON event_replays (due_at);

-- An instant as every event shows it: in UTC, ending in Z.
CREATE FUNCTION event_time(p_at timestamptz) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- When the last of a user's paid or given days ends, be it over: days that count here, of plans that are sold as PRO.
CREATE FUNCTION pro_ends(p_user bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT max(upper(s.span)) FROM subscription_periods s JOIN subscription_plans p ON p.code = s.plan_code
        WHERE s.user_id = p_user AND p.price > 0 AND NOT p.is_test AND (s.chain <> 'test' OR test_days_count()));
END $$;

-- What a receiver must know of a user, whole, as it is at this instant. `spans` are those that are not over, the first
-- 20 of them: whose plan follows on whose, without another event.
CREATE FUNCTION subscription_state(p_user bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
BEGIN
    RETURN jsonb_build_object(
        'plan', plan_in_force(p_user, now_at),
        'access_until', event_time(pro_ends(p_user)),
        'auto_renew', coalesce((SELECT auto_renew FROM subscriptions WHERE user_id = p_user), false),
        'payment_method', NULL,
        'spans', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'plan', plan_code, 'begins', event_time(lower(span)), 'ends', event_time(upper(span))
            ) ORDER BY lower(span), id)
            FROM (
                SELECT s.* FROM subscription_periods s JOIN subscription_plans p ON p.code = s.plan_code
                WHERE s.user_id = p_user AND upper(s.span) > now_at AND p.price > 0 AND NOT p.is_test
                    AND (s.chain <> 'test' OR test_days_count())
                ORDER BY lower(s.span), s.id LIMIT 20
            ) ahead), '[]'));
END $$;

-- Write an event down, in the transaction of its fact. With a state the user's lock is held from here on, if it was not
-- before: a snapshot taken without it could tell FREE about somebody who has just paid. `p_once` names the fact: an
-- event that was written under this name is not written again. Answers the event's id, nothing if it was there.
CREATE FUNCTION record_event(
    p_kind text, p_user bigint, p_data jsonb, p_with_state boolean, p_once text DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    written uuid;
BEGIN
    IF p_with_state THEN
        PERFORM FROM subscriptions WHERE user_id = p_user FOR UPDATE;
    END IF;
    INSERT INTO outbox_events (kind, user_id, data, state, once)
        VALUES (p_kind, p_user, p_data, CASE WHEN p_with_state THEN subscription_state(p_user) END, p_once)
        ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING
        RETURNING id INTO written;
    RETURN written;
END $$;

-- Number what is committed and has no number yet: the feed's without a gap, and each user's own in the order in which
-- his lock was held. One at a time, or a number could be seen before a lower one; who finds another one at it does
-- nothing. What is read here is read by statements sent after the lock was taken.
CREATE FUNCTION publish_events(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    numbered integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('events.publish')) THEN
        RETURN 0;
    END IF;
    WITH fresh AS (
        SELECT id, written_no, coalesce(user_id, 0) AS line FROM outbox_events
        WHERE feed_no IS NULL ORDER BY written_no LIMIT p_limit
    ), feed AS (
        INSERT INTO event_feed AS f (last_no) SELECT count(*) FROM fresh HAVING count(*) > 0
        ON CONFLICT (singleton) DO UPDATE SET last_no = f.last_no + excluded.last_no
        RETURNING f.last_no
    ), lines AS (
        INSERT INTO event_streams AS s (user_id, last_seq) SELECT line, count(*) FROM fresh GROUP BY line ORDER BY line
        ON CONFLICT (user_id) DO UPDATE SET
            last_seq = s.last_seq + excluded.last_seq,
            due_at = CASE WHEN s.next_seq > s.last_seq THEN excluded.due_at ELSE s.due_at END
        RETURNING s.user_id AS line, s.last_seq
    ), placed AS (
        SELECT id, line,
            count(*) OVER () - row_number() OVER (ORDER BY written_no) AS behind_it,
            count(*) OVER (PARTITION BY line)
                - row_number() OVER (PARTITION BY line ORDER BY written_no) AS behind_it_of_user
        FROM fresh
    )
    UPDATE outbox_events e SET
        feed_no = feed.last_no - placed.behind_it, user_seq = lines.last_seq - placed.behind_it_of_user
    FROM placed JOIN lines USING (line), feed WHERE e.id = placed.id;
    GET DIAGNOSTICS numbered = ROW_COUNT;
    RETURN numbered;
END $$;
