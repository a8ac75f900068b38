-- Limits of more than photos, and a day that can be explained: whatever is counted is written down as an operation.
--
-- The functions that decide, as they are now. As before, each reads the time once and decides under the lock of the
-- user's daily_usage row, which is the lock of every feature of that day. What photos used and hold stands on that row,
-- as the release before has it; what other features do, in daily_feature_usage. Lock order: daily_usage (by user and
-- date), then usage_operations. A refusal changes nothing.

-- Feature -> how many a day, null for as many as you like; one that is not named is no part of the plan. Photos have
-- their own column.
ALTER TABLE subscription_plans
    ADD COLUMN daily_limits JSONB DEFAULT '{}'::jsonb NOT NULL,
    ADD CONSTRAINT ck_subscription_plans_daily_limits_known CHECK (
        jsonb_typeof(daily_limits) = 'object' AND NOT daily_limits ? 'photo_ai'
        AND NOT jsonb_path_exists(daily_limits, 'strict $.* ? (@.type() != "null" && (@.type() != "number" || @ < 0 || @ > 1000000 || @.floor() != @))')
    );

CREATE TABLE daily_feature_usage (
    user_id BIGINT NOT NULL,
    date DATE NOT NULL,
    feature TEXT NOT NULL,
    used INTEGER DEFAULT 0 NOT NULL,
    holds JSONB DEFAULT '{}'::jsonb NOT NULL,
    nameless BIGINT[] DEFAULT '{}'::bigint[] NOT NULL,
    CONSTRAINT pk_daily_feature_usage PRIMARY KEY (user_id, date, feature),
    CONSTRAINT ck_daily_feature_usage_used_not_negative CHECK (used >= 0),
    CONSTRAINT ck_daily_feature_usage_holds_object CHECK (jsonb_typeof(holds) = 'object'),
    CONSTRAINT ck_daily_feature_usage_photos_have_their_own CHECK (feature <> 'photo_ai')
);

-- What was counted without an id of the caller's, the newest of it: {{microseconds since 1970, amount}, …}. On the row
-- that is written anyway: a row of its own for each would make a consume a fifth slower.
ALTER TABLE daily_usage ADD COLUMN nameless BIGINT[] DEFAULT '{}'::bigint[] NOT NULL;

CREATE INDEX ix_daily_feature_usage_date ON daily_feature_usage (date);

-- `photos` is what was asked for at first, `counted` what counts in the end; null for what the release before counted.
ALTER TABLE usage_operations
    ADD COLUMN feature TEXT DEFAULT 'photo_ai' NOT NULL,
    ADD COLUMN began_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN held_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN counted INTEGER,
    ADD CONSTRAINT ck_usage_operations_counted_in_bounds CHECK (counted BETWEEN 1 AND 100);

CREATE INDEX ix_usage_operations_user_id_date ON usage_operations (user_id, date);

-- What a plan allows of a feature.
CREATE FUNCTION feature_limit(p_feature text, p_photos integer, p_others jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_feature = 'photo_ai' THEN p_photos
        WHEN p_others ? p_feature THEN (p_others ->> p_feature)::integer ELSE 0 END
$$;

CREATE FUNCTION is_feature(p_feature text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_feature = 'photo_ai' OR EXISTS (SELECT FROM subscription_plans WHERE daily_limits ? p_feature);
END $$;

-- As `usage_today`, of a feature. Writes nothing.
CREATE FUNCTION feature_usage_today(
    p_user bigint, p_feature text, p_zone text,
    OUT plan_code text, OUT daily_limit integer, OUT used integer, OUT held integer, OUT resets_at timestamptz
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
BEGIN
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at FROM usage_today(p_user, p_zone) t;
    IF p_feature <> 'photo_ai' THEN
        SELECT feature_limit(p_feature, p.daily_photo_limit, p.daily_limits) INTO daily_limit
            FROM subscription_plans p WHERE p.code = plan_code;
        SELECT u.used, held_amount(live_holds(u.holds, now_at)) INTO used, held
            FROM daily_feature_usage u
            WHERE u.user_id = p_user AND u.date = usage_day(now_at, p_zone) AND u.feature = p_feature;
        used := coalesce(used, 0);
        held := coalesce(held, 0);
    END IF;
END $$;

-- What is counted and held of a feature on a day whose row the caller has locked.
CREATE FUNCTION feature_day(p_day daily_usage, p_feature text, OUT used integer, OUT holds jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_feature = 'photo_ai' THEN
        used := p_day.photo_ai_requests;
        holds := p_day.holds;
        RETURN;
    END IF;
    SELECT u.used, u.holds INTO used, holds FROM daily_feature_usage u
        WHERE u.user_id = p_day.user_id AND u.date = p_day.date AND u.feature = p_feature;
    used := coalesce(used, 0);
    holds := coalesce(holds, '{}');
END $$;

-- A hundred at most, so that the row stays a small one whatever one user does.
CREATE FUNCTION with_nameless(p_list bigint[], p_amount integer, p_at timestamptz) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_amount IS NULL THEN p_list
        ELSE p_list[cardinality(p_list) / 2 - 98:] || ARRAY[[(extract(epoch FROM p_at) * 1000000)::bigint, p_amount]] END
$$;

-- Write it down again, and what of it is counted by no name.
CREATE FUNCTION store_feature_day(
    p_user bigint, p_day date, p_feature text, p_used integer, p_holds jsonb,
    p_nameless integer DEFAULT NULL, p_at timestamptz DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_feature = 'photo_ai' THEN
        UPDATE daily_usage
            SET photo_ai_requests = p_used, holds = p_holds, nameless = with_nameless(nameless, p_nameless, p_at)
            WHERE user_id = p_user AND date = p_day;
    ELSE
        INSERT INTO daily_feature_usage AS u (user_id, date, feature, used, holds, nameless)
            VALUES (p_user, p_day, p_feature, p_used, p_holds, with_nameless('{}', p_nameless, p_at))
            ON CONFLICT (user_id, date, feature) DO UPDATE
            SET used = p_used, holds = p_holds, nameless = with_nameless(u.nameless, p_nameless, p_at);
    END IF;
END $$;

-- Until when an operation's place is held, in seconds since 1970; nothing if it was given away or given back.
CREATE FUNCTION held_place(p_known usage_operations) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_known.feature = 'photo_ai' THEN
        RETURN (SELECT (holds -> p_known.operation_id ->> 1)::numeric FROM daily_usage
            WHERE user_id = p_known.user_id AND date = p_known.date);
    END IF;
    RETURN (SELECT (holds -> p_known.operation_id ->> 1)::numeric FROM daily_feature_usage
        WHERE user_id = p_known.user_id AND date = p_known.date AND feature = p_known.feature);
END $$;

CREATE FUNCTION drop_held_place(p_known usage_operations) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_known.feature = 'photo_ai' THEN
        UPDATE daily_usage SET holds = holds - p_known.operation_id
            WHERE user_id = p_known.user_id AND date = p_known.date AND holds ? p_known.operation_id;
    ELSE
        UPDATE daily_feature_usage SET holds = holds - p_known.operation_id
            WHERE user_id = p_known.user_id AND date = p_known.date AND feature = p_known.feature
                AND holds ? p_known.operation_id;
    END IF;
END $$;

-- Whether one more operation of this size fits the plan in force: 'allowed', 'held' (only what is under way is in the
-- way) or 'reached'. The caller holds the lock of the day's row.
CREATE FUNCTION feature_usage_verdict(
    p_user bigint, p_feature text, p_at timestamptz, p_used integer, p_live jsonb, p_amount integer,
    OUT verdict text, OUT plan_code text, OUT daily_limit integer
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    in_force CONSTANT text := plan_in_force(p_user, p_at);
BEGIN
    SELECT code, feature_limit(p_feature, daily_photo_limit, daily_limits) INTO STRICT plan_code, daily_limit
        FROM subscription_plans WHERE code = in_force;
    verdict := CASE
        WHEN daily_limit IS NULL OR p_used + held_amount(p_live) + p_amount <= daily_limit THEN 'allowed'
        WHEN p_used + p_amount <= daily_limit THEN 'held'
        ELSE 'reached' END;
END $$;

CREATE FUNCTION first_end(p_live jsonb, p_at timestamptz) RETURNS double precision LANGUAGE sql STABLE AS $$
    SELECT min((value ->> 1)::float8) - extract(epoch FROM p_at)::float8 FROM jsonb_each(p_live)
$$;

-- Once a user, day and feature.
CREATE FUNCTION tell_of_reached_limit(
    p_user bigint, p_feature text, p_plan text, p_limit integer, p_day date, p_resets_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_event(
        'usage.limit_reached', p_user,
        jsonb_build_object('plan', p_plan, 'daily_limit', p_limit, 'date', p_day, 'resets_at', event_time(p_resets_at),
            'feature', p_feature),
        false,
        format('usage.limit_reached:%s:%s', p_user, p_day)
            || CASE WHEN p_feature = 'photo_ai' THEN '' ELSE ':' || p_feature END);
END $$;

-- Admit one operation: count it at once, or hold it for p_hold_for. Verdicts: 'allowed', 'held', 'reached',
-- 'mismatch' (the id is remembered with another user, feature or amount), 'no_feature', 'again' (another statement took
-- the id meanwhile).
CREATE FUNCTION feature_usage_admit(
    p_user bigint, p_feature text, p_amount integer, p_operation text, p_hold_for interval, p_zone text,
    OUT verdict text, OUT plan_code text, OUT daily_limit integer, OUT used integer, OUT held integer,
    OUT resets_at timestamptz, OUT frees_in double precision
) LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    today CONSTANT date := usage_day(now_at, p_zone);
    known usage_operations;
    newest usage_operations;
    day daily_usage;
    live jsonb;
BEGIN
    IF EXISTS (SELECT FROM usage_timezone WHERE name <> p_zone) THEN
        -- A process that was started before the zone was changed: it would open a second day for everybody.
        RAISE EXCEPTION 'days do not end at midnight of %', p_zone USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF p_feature <> 'photo_ai' AND NOT is_feature(p_feature) THEN
        verdict := 'no_feature';
        RETURN;
    END IF;
    resets_at := usage_day_end(today, p_zone);
    IF p_operation IS NOT NULL THEN
        SELECT * INTO known FROM usage_operations o WHERE o.operation_id = p_operation;
    END IF;
    IF (known.user_id, known.date) < (p_user, today) THEN
        PERFORM lock_usage_day(known.user_id, known.date);
    END IF;
    day := lock_usage_day(p_user, today);
    IF (known.user_id, known.date) > (p_user, today) THEN
        PERFORM lock_usage_day(known.user_id, known.date);
    END IF;
    IF known.operation_id IS NOT NULL THEN
        SELECT * INTO newest FROM usage_operations o WHERE o.operation_id = p_operation;
        IF NOT FOUND OR (newest.user_id, newest.date) <> (known.user_id, known.date) THEN
            verdict := 'again';
            RETURN;
        END IF;
        -- A hold whose time is over is remembered no more.
        IF newest.state = 'counted' OR newest.state = 'held' AND held_place(newest) > extract(epoch FROM now_at) THEN
            SELECT t.plan_code, t.daily_limit, t.used, t.held INTO plan_code, daily_limit, used, held
                FROM feature_usage_today(p_user, p_feature, p_zone) t;
            verdict := CASE WHEN (newest.user_id, newest.feature, newest.photos) = (p_user, p_feature, p_amount)
                THEN 'allowed' ELSE 'mismatch' END;
            RETURN;
        END IF;
    END IF;
    IF p_feature = 'photo_ai' THEN
        used := day.photo_ai_requests;
        live := live_holds(day.holds, now_at);
    ELSE
        SELECT f.used, live_holds(f.holds, now_at) INTO used, live FROM feature_day(day, p_feature) f;
    END IF;
    held := held_amount(live);
    SELECT v.verdict, v.plan_code, v.daily_limit INTO verdict, plan_code, daily_limit
        FROM feature_usage_verdict(p_user, p_feature, now_at, used, live, p_amount) v;
    IF verdict <> 'allowed' THEN
        frees_in := first_end(live, now_at);
        RETURN;
    END IF;
    IF known.operation_id IS NOT NULL THEN
        -- Released, or its time is over: the same id begins anew, and leaves no dead hold behind elsewhere.
        DELETE FROM usage_operations o WHERE o.operation_id = p_operation;
        IF (newest.user_id, newest.date, newest.feature) <> (p_user, today, p_feature) THEN
            PERFORM drop_held_place(newest);
        END IF;
    END IF;
    IF p_operation IS NOT NULL THEN
        INSERT INTO usage_operations
                (operation_id, user_id, date, feature, photos, state, began_at, held_until, counted, changed_at)
            VALUES (p_operation, p_user, today, p_feature, p_amount,
                CASE WHEN p_hold_for IS NULL THEN 'counted' ELSE 'held' END, now_at, now_at + p_hold_for,
                CASE WHEN p_hold_for IS NULL THEN p_amount END, now_at)
            ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            verdict := 'again';
            RETURN;
        END IF;
    END IF;
    IF p_hold_for IS NULL THEN
        used := used + p_amount;
    ELSE
        held := held + p_amount;
        live := live || jsonb_build_object(
            p_operation, jsonb_build_array(p_amount, extract(epoch FROM now_at + p_hold_for)));
    END IF;
    PERFORM store_feature_day(
        p_user, today, p_feature, used, live, CASE WHEN p_operation IS NULL THEN p_amount END, now_at);
    IF p_hold_for IS NULL AND used >= daily_limit THEN
        PERFORM tell_of_reached_limit(p_user, p_feature, plan_code, daily_limit, today, resets_at);
    END IF;
END $$;

-- Make a held operation count, on the day of its reservation: all that it holds, or p_amount. In time (its hold is
-- still there) what it holds always counts, whatever the plan is now, and what it does not need is free at once; what is
-- above that, and all of a late one, is decided anew. Verdicts: 'allowed'; 'held', 'reached' (what is above does not
-- fit; nothing is counted and the hold stays), 'expired', 'mismatch' (it counts already, with another amount),
-- 'unknown', 'again', and 'busy' if it would have to wait for another statement and was told not to.
CREATE FUNCTION feature_usage_commit(
    p_operation text, p_amount integer, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT feature text, OUT amount integer, OUT plan_code text,
    OUT daily_limit integer, OUT used integer, OUT held integer, OUT resets_at timestamptz, OUT frees_in double precision
) LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    known usage_operations;
    locked usage_operations;
    day daily_usage;
    used_then integer;
    live jsonb;
    is_in_time boolean;
    counted_now boolean := false;
BEGIN
    SELECT * INTO known FROM usage_operations o WHERE o.operation_id = p_operation;
    IF NOT FOUND THEN
        verdict := 'unknown';
        RETURN;
    END IF;
    user_id := known.user_id;
    verdict := 'allowed';
    IF known.state <> 'counted' THEN
        day := lock_usage_day(known.user_id, known.date, p_wait);
        IF day.user_id IS NULL THEN
            verdict := 'busy';
            RETURN;
        END IF;
        SELECT * INTO locked FROM usage_operations o WHERE o.operation_id = p_operation FOR UPDATE;
        IF NOT FOUND OR (locked.user_id, locked.date) <> (known.user_id, known.date) THEN
            verdict := 'again';
            RETURN;
        END IF;
        known := locked;
    END IF;
    feature := known.feature;
    amount := coalesce(p_amount, known.photos);
    IF known.state = 'counted' THEN
        IF amount <> coalesce(known.counted, known.photos) THEN
            verdict := 'mismatch';
        END IF;
    ELSE
        SELECT f.used, f.holds INTO used_then, live FROM feature_day(day, known.feature) f;
        is_in_time := live ? p_operation;
        live := live - p_operation;
        IF NOT is_in_time OR amount > known.photos THEN
            -- Like an admission it takes the places that it ignores.
            live := live_holds(live, now_at);
            SELECT v.verdict INTO verdict
                FROM feature_usage_verdict(known.user_id, known.feature, now_at, used_then, live, amount) v;
        END IF;
        IF verdict = 'allowed' THEN
            PERFORM store_feature_day(known.user_id, known.date, known.feature, used_then + amount, live);
            UPDATE usage_operations o SET state = 'counted', counted = amount, changed_at = now_at
                WHERE o.operation_id = p_operation;
            counted_now := known.date = usage_day(now_at, p_zone);
        ELSIF is_in_time THEN
            frees_in := first_end(live, now_at);
        ELSE
            verdict := 'expired';
        END IF;
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at
        FROM feature_usage_today(known.user_id, known.feature, p_zone) t;
    IF counted_now AND used >= daily_limit THEN
        PERFORM tell_of_reached_limit(known.user_id, known.feature, plan_code, daily_limit, known.date, resets_at);
    END IF;
END $$;

-- Hold an operation until p_ttl from now, not less than it is held already, and not above p_most after it was reserved.
-- Verdicts: 'allowed', 'expired' (its time is over, or it was released), 'counted', 'unknown', 'again', 'busy'.
CREATE FUNCTION feature_usage_extend(
    p_operation text, p_ttl interval, p_most interval, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT feature text, OUT plan_code text, OUT daily_limit integer,
    OUT used integer, OUT held integer, OUT resets_at timestamptz, OUT held_until timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    known usage_operations;
    locked usage_operations;
    day daily_usage;
    used_then integer;
    live jsonb;
    place numeric;
BEGIN
    SELECT * INTO known FROM usage_operations o WHERE o.operation_id = p_operation;
    IF NOT FOUND THEN
        verdict := 'unknown';
        RETURN;
    END IF;
    user_id := known.user_id;
    day := lock_usage_day(known.user_id, known.date, p_wait);
    IF day.user_id IS NULL THEN
        verdict := 'busy';
        RETURN;
    END IF;
    SELECT * INTO locked FROM usage_operations o WHERE o.operation_id = p_operation FOR UPDATE;
    IF NOT FOUND OR (locked.user_id, locked.date) <> (known.user_id, known.date) THEN
        verdict := 'again';
        RETURN;
    END IF;
    feature := locked.feature;
    SELECT f.used, f.holds INTO used_then, live FROM feature_day(day, locked.feature) f;
    place := (live -> p_operation ->> 1)::numeric;
    IF locked.state = 'counted' THEN
        verdict := 'counted';
    ELSIF place IS NULL OR place <= extract(epoch FROM now_at) THEN
        verdict := 'expired';
    ELSE
        verdict := 'allowed';
        held_until := greatest(
            coalesce(locked.held_until, to_timestamp(place)),
            least(now_at + p_ttl, coalesce(locked.began_at, locked.changed_at) + p_most));
        live := live || jsonb_build_object(
            p_operation, jsonb_build_array(locked.photos, extract(epoch FROM held_until)));
        PERFORM store_feature_day(locked.user_id, locked.date, locked.feature, used_then, live);
        UPDATE usage_operations o SET held_until = feature_usage_extend.held_until WHERE o.operation_id = p_operation;
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at
        FROM feature_usage_today(locked.user_id, locked.feature, p_zone) t;
END $$;

-- Give a held operation back. Verdicts: 'allowed' (also for the second and for a late time), 'counted' (it was
-- committed and stays so), 'unknown', 'again', 'busy' (as above).
CREATE FUNCTION feature_usage_release(
    p_operation text, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT feature text, OUT plan_code text, OUT daily_limit integer,
    OUT used integer, OUT held integer, OUT resets_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    known usage_operations;
    locked usage_operations;
    day daily_usage;
BEGIN
    SELECT * INTO known FROM usage_operations o WHERE o.operation_id = p_operation;
    IF NOT FOUND THEN
        verdict := 'unknown';
        RETURN;
    END IF;
    user_id := known.user_id;
    verdict := 'allowed';
    IF known.state = 'held' THEN
        day := lock_usage_day(known.user_id, known.date, p_wait);
        IF day.user_id IS NULL THEN
            verdict := 'busy';
            RETURN;
        END IF;
        SELECT * INTO locked FROM usage_operations o WHERE o.operation_id = p_operation FOR UPDATE;
        IF NOT FOUND OR (locked.user_id, locked.date) <> (known.user_id, known.date) THEN
            verdict := 'again';
            RETURN;
        END IF;
        known := locked;
        IF known.state = 'held' THEN
            PERFORM drop_held_place(known);
            UPDATE usage_operations o SET state = 'released', changed_at = billing_now()
                WHERE o.operation_id = p_operation;
        END IF;
    END IF;
    feature := known.feature;
    IF known.state = 'counted' THEN
        verdict := 'counted';
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at
        FROM feature_usage_today(known.user_id, known.feature, p_zone) t;
END $$;

-- Count nothing of a feature for today; what is held stays. How much was counted before.
CREATE FUNCTION feature_usage_reset(
    p_user bigint, p_feature text, p_zone text, OUT day date, OUT counted integer
) LANGUAGE plpgsql AS $$
DECLARE
    locked daily_usage;
    holds_then jsonb;
BEGIN
    day := usage_day(billing_now(), p_zone);
    locked := lock_usage_day(p_user, day);
    SELECT f.used, f.holds INTO counted, holds_then FROM feature_day(locked, p_feature) f;
    IF counted > 0 THEN
        PERFORM store_feature_day(p_user, day, p_feature, 0, holds_then);
    END IF;
END $$;

-- What the release before calls: the same decisions, of photos.
CREATE OR REPLACE FUNCTION usage_admit(
    p_user bigint, p_amount integer, p_operation text, p_hold_for interval, p_zone text,
    OUT verdict text, OUT plan_code text, OUT daily_limit integer, OUT used integer, OUT held integer,
    OUT resets_at timestamptz, OUT frees_in double precision
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT a.verdict, a.plan_code, a.daily_limit, a.used, a.held, a.resets_at, a.frees_in
        INTO verdict, plan_code, daily_limit, used, held, resets_at, frees_in
        FROM feature_usage_admit(p_user, 'photo_ai', p_amount, p_operation, p_hold_for, p_zone) a;
END $$;

CREATE OR REPLACE FUNCTION usage_commit(
    p_operation text, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT plan_code text, OUT daily_limit integer, OUT used integer,
    OUT held integer, OUT resets_at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT CASE a.verdict WHEN 'mismatch' THEN 'allowed' ELSE a.verdict END,
            a.user_id, a.plan_code, a.daily_limit, a.used, a.held, a.resets_at
        INTO verdict, user_id, plan_code, daily_limit, used, held, resets_at
        FROM feature_usage_commit(p_operation, NULL, p_zone, p_wait) a;
END $$;

CREATE OR REPLACE FUNCTION usage_release(
    p_operation text, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT plan_code text, OUT daily_limit integer, OUT used integer,
    OUT held integer, OUT resets_at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT a.verdict, a.user_id, a.plan_code, a.daily_limit, a.used, a.held, a.resets_at
        INTO verdict, user_id, plan_code, daily_limit, used, held, resets_at
        FROM feature_usage_release(p_operation, p_zone, p_wait) a;
END $$;
