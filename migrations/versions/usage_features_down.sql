-- The functions of before: photos alone. What was counted of other features is gone.

CREATE OR REPLACE FUNCTION usage_admit(
    p_user bigint, p_amount integer, p_operation text, p_hold_for interval, p_zone text,
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
        IF usage_is_remembered(newest, now_at) THEN
            SELECT t.plan_code, t.daily_limit, t.used, t.held INTO plan_code, daily_limit, used, held
                FROM usage_today(p_user, p_zone) t;
            verdict := CASE WHEN (newest.user_id, newest.photos) = (p_user, p_amount)
                THEN 'allowed' ELSE 'mismatch' END;
            RETURN;
        END IF;
    END IF;
    live := live_holds(day.holds, now_at);
    used := day.photo_ai_requests;
    held := held_amount(live);
    SELECT v.verdict, v.plan_code, v.daily_limit INTO verdict, plan_code, daily_limit
        FROM usage_verdict(p_user, now_at, used, live, p_amount) v;
    IF verdict <> 'allowed' THEN
        SELECT min((value ->> 1)::float8) - extract(epoch FROM now_at) INTO frees_in FROM jsonb_each(live);
        RETURN;
    END IF;
    IF known.operation_id IS NOT NULL THEN
        -- Released, or its time is over: the same id begins anew, and leaves no dead hold behind on another row.
        DELETE FROM usage_operations o WHERE o.operation_id = p_operation;
        UPDATE daily_usage d SET holds = d.holds - p_operation
            WHERE d.user_id = known.user_id AND d.date = known.date AND (d.user_id, d.date) <> (p_user, today)
                AND d.holds ? p_operation;
    END IF;
    IF p_operation IS NOT NULL THEN
        INSERT INTO usage_operations (operation_id, user_id, date, photos, state)
            VALUES (p_operation, p_user, today, p_amount,
                CASE WHEN p_hold_for IS NULL THEN 'counted' ELSE 'held' END)
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
    UPDATE daily_usage d SET photo_ai_requests = used, holds = live WHERE d.user_id = p_user AND d.date = today;
    IF p_hold_for IS NULL AND used >= daily_limit THEN
        PERFORM tell_of_reached_limit(p_user, plan_code, daily_limit, today, resets_at);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION usage_commit(
    p_operation text, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT plan_code text, OUT daily_limit integer, OUT used integer,
    OUT held integer, OUT resets_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    known usage_operations;
    locked usage_operations;
    day daily_usage;
    live jsonb;
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
        IF locked.state <> 'counted' THEN
            IF day.holds ? p_operation THEN
                live := day.holds - p_operation;
            ELSE
                live := live_holds(day.holds, now_at);
                SELECT v.verdict INTO verdict
                    FROM usage_verdict(known.user_id, now_at, day.photo_ai_requests, live, locked.photos) v;
            END IF;
            IF verdict = 'allowed' THEN
                UPDATE daily_usage d
                    SET photo_ai_requests = d.photo_ai_requests + locked.photos, holds = live
                    WHERE d.user_id = known.user_id AND d.date = known.date;
                UPDATE usage_operations o SET state = 'counted', changed_at = now_at
                    WHERE o.operation_id = p_operation;
                counted_now := known.date = usage_day(now_at, p_zone);
            ELSE
                verdict := 'expired';
            END IF;
        END IF;
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at FROM usage_today(known.user_id, p_zone) t;
    IF counted_now AND used >= daily_limit THEN
        PERFORM tell_of_reached_limit(known.user_id, plan_code, daily_limit, known.date, resets_at);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION usage_release(
    p_operation text, p_zone text, p_wait boolean,
    OUT verdict text, OUT user_id bigint, OUT plan_code text, OUT daily_limit integer, OUT used integer,
    OUT held integer, OUT resets_at timestamptz
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
            UPDATE daily_usage d SET holds = d.holds - p_operation
                WHERE d.user_id = known.user_id AND d.date = known.date AND d.holds ? p_operation;
            UPDATE usage_operations o SET state = 'released', changed_at = billing_now()
                WHERE o.operation_id = p_operation;
        END IF;
    END IF;
    IF known.state = 'counted' THEN
        verdict := 'counted';
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at FROM usage_today(known.user_id, p_zone) t;
END $$;

DROP FUNCTION feature_usage_reset(bigint, text, text);
DROP FUNCTION feature_usage_release(text, text, boolean);
DROP FUNCTION feature_usage_extend(text, interval, interval, text, boolean);
DROP FUNCTION feature_usage_commit(text, integer, text, boolean);
DROP FUNCTION feature_usage_admit(bigint, text, integer, text, interval, text);
DROP FUNCTION tell_of_reached_limit(bigint, text, text, integer, date, timestamptz);
DROP FUNCTION first_end(jsonb, timestamptz);
DROP FUNCTION feature_usage_verdict(bigint, text, timestamptz, integer, jsonb, integer);
DROP FUNCTION drop_held_place(usage_operations);
DROP FUNCTION held_place(usage_operations);
DROP FUNCTION store_feature_day(bigint, date, text, integer, jsonb, integer, timestamptz);
DROP FUNCTION with_nameless(bigint[], integer, timestamptz);
DROP FUNCTION feature_day(daily_usage, text);
DROP FUNCTION feature_usage_today(bigint, text, text);
DROP FUNCTION is_feature(text);
DROP FUNCTION feature_limit(text, integer, jsonb);

-- To the functions of before every operation is one of photos.
DELETE FROM usage_operations WHERE feature <> 'photo_ai';
DROP INDEX ix_usage_operations_user_id_date;
ALTER TABLE usage_operations
    DROP CONSTRAINT ck_usage_operations_counted_in_bounds,
    DROP COLUMN feature,
    DROP COLUMN began_at,
    DROP COLUMN held_until,
    DROP COLUMN counted;
DROP TABLE daily_feature_usage;
ALTER TABLE daily_usage DROP COLUMN nameless;
ALTER TABLE subscription_plans
    DROP CONSTRAINT ck_subscription_plans_daily_limits_known,
    DROP COLUMN daily_limits;
