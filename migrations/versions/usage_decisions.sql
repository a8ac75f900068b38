-- Exact daily limits: the functions that decide under the lock of one row, as they are now.
--
-- Every function reads the time once, when its statement arrives. The live holds of a day stand on its daily_usage
-- row; an admission removes the holds it ignored, so a hold that is still there is the proof that nobody took its
-- place. Lock order: daily_usage (by user and date), then usage_operations. A refusal changes nothing.
--
-- They are plpgsql, which keeps its plans: before PostgreSQL 18 the body of an SQL function that cannot be inlined is
-- planned anew at every call. What is one expression stays SQL, and is inlined.

-- The plan of the span that contains the instant, else FREE.
CREATE OR REPLACE FUNCTION plan_in_force(p_user bigint, p_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (SELECT plan_code FROM subscription_periods WHERE user_id = p_user AND span @> p_at),
        'FREE');
END $$;

-- A day is a calendar date in the service's time zone; it ends at the next midnight there, at the first one where
-- setting the clocks back by an hour makes two of it.
CREATE OR REPLACE FUNCTION usage_day(p_at timestamptz, p_zone text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (p_at AT TIME ZONE p_zone)::date
$$;

CREATE OR REPLACE FUNCTION usage_day_end(p_day date, p_zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT ((p_day + 1)::timestamp AT TIME ZONE p_zone) - CASE
        WHEN usage_day(((p_day + 1)::timestamp AT TIME ZONE p_zone) - interval '1 hour', p_zone) > p_day
        THEN interval '1 hour' ELSE interval '0' END
$$;

-- Holds are {"operation": [amount, seconds since 1970 until which it is held]}.
CREATE OR REPLACE FUNCTION live_holds(p_holds jsonb, p_at timestamptz) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_holds = '{}' THEN
        RETURN p_holds;
    END IF;
    RETURN coalesce(
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(p_holds)
            WHERE (value ->> 1)::float8 > extract(epoch FROM p_at)), '{}');
END $$;

CREATE OR REPLACE FUNCTION held_amount(p_live jsonb) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_live = '{}' THEN
        RETURN 0;
    END IF;
    RETURN (SELECT sum((value ->> 0)::integer)::integer FROM jsonb_each(p_live));
END $$;

-- What a user may use at this instant, and what is used and held today. Writes nothing.
CREATE OR REPLACE FUNCTION usage_today(
    p_user bigint, p_zone text,
    OUT plan_code text, OUT plan_name text, OUT daily_limit integer, OUT access_until timestamptz,
    OUT used integer, OUT held integer, OUT resets_at timestamptz
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    today CONSTANT date := usage_day(now_at, p_zone);
    in_force CONSTANT text := plan_in_force(p_user, now_at);
BEGIN
    SELECT code, display_name, daily_photo_limit INTO STRICT plan_code, plan_name, daily_limit
        FROM subscription_plans WHERE code = in_force;
    SELECT max(upper(span)) INTO access_until
        FROM subscription_periods WHERE user_id = p_user AND upper(span) > now_at;
    SELECT photo_ai_requests, held_amount(live_holds(holds, now_at)) INTO used, held
        FROM daily_usage WHERE user_id = p_user AND date = today;
    used := coalesce(used, 0);
    held := coalesce(held, 0);
    resets_at := usage_day_end(today, p_zone);
END $$;

-- The row of a user's day, made if need be, locked, at its newest. Without waiting: nothing if another one has it.
CREATE OR REPLACE FUNCTION lock_usage_day(p_user bigint, p_day date, p_wait boolean DEFAULT true) RETURNS daily_usage
LANGUAGE plpgsql AS $$
DECLARE
    found_row daily_usage;
BEGIN
    LOOP
        IF p_wait THEN
            SELECT * INTO found_row FROM daily_usage WHERE user_id = p_user AND date = p_day FOR UPDATE;
        ELSE
            SELECT * INTO found_row FROM daily_usage WHERE user_id = p_user AND date = p_day FOR UPDATE SKIP LOCKED;
        END IF;
        IF FOUND OR NOT p_wait THEN
            RETURN found_row;
        END IF;
        INSERT INTO daily_usage (user_id, date) VALUES (p_user, p_day) ON CONFLICT DO NOTHING;
    END LOOP;
END $$;

-- Whether one more operation of this size fits the plan in force: 'allowed', 'held' (only running analyses are in
-- the way) or 'reached'. The caller holds the lock of the day's row.
CREATE OR REPLACE FUNCTION usage_verdict(
    p_user bigint, p_at timestamptz, p_used integer, p_live jsonb, p_amount integer,
    OUT verdict text, OUT plan_code text, OUT daily_limit integer
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    in_force CONSTANT text := plan_in_force(p_user, p_at);
BEGIN
    SELECT code, daily_photo_limit INTO STRICT plan_code, daily_limit
        FROM subscription_plans WHERE code = in_force;
    verdict := CASE
        WHEN daily_limit IS NULL OR p_used + held_amount(p_live) + p_amount <= daily_limit THEN 'allowed'
        WHEN p_used + p_amount <= daily_limit THEN 'held'
        ELSE 'reached' END;
END $$;

-- Whether an operation is still remembered as held or counted; a hold whose time is over is neither.
CREATE OR REPLACE FUNCTION usage_is_remembered(p_known usage_operations, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_known.state = 'counted' OR p_known.state = 'held' AND EXISTS (
        SELECT FROM daily_usage
        WHERE user_id = p_known.user_id AND date = p_known.date
            AND (holds -> p_known.operation_id ->> 1)::float8 > extract(epoch FROM p_at));
END $$;

-- Admit one operation: count it at once, or hold it for p_hold_for. Verdicts: 'allowed', 'held', 'reached',
-- 'mismatch' (the id is remembered with another user or amount), 'again' (another statement took the id meanwhile).
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
END $$;

-- Make a held operation count, on the day of its reservation. In time (its hold is still there) it always counts,
-- whatever the plan is now; late it is decided anew. Verdicts: 'allowed', 'expired', 'unknown', 'again', and 'busy'
-- if it would have to wait for another statement and was told not to.
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
            ELSE
                verdict := 'expired';
            END IF;
        END IF;
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at
        INTO plan_code, daily_limit, used, held, resets_at FROM usage_today(known.user_id, p_zone) t;
END $$;

-- Give a held operation back. Verdicts: 'allowed' (also for the second and for a late time), 'counted' (it was
-- committed and stays so), 'unknown', 'again', 'busy' (as above).
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
