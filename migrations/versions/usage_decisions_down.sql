-- The functions as usage.sql made them, where they were changed.

-- The plan of the span that contains the instant, else FREE.
CREATE OR REPLACE FUNCTION plan_in_force(p_user bigint, p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT plan_code FROM subscription_periods WHERE user_id = p_user AND span @> p_at),
        'FREE')
$$;

-- Holds are {"operation": [amount, seconds since 1970 until which it is held]}.
CREATE OR REPLACE FUNCTION live_holds(p_holds jsonb, p_at timestamptz) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_holds = '{}' THEN p_holds ELSE coalesce(
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(p_holds)
            WHERE (value ->> 1)::float8 > extract(epoch FROM p_at)), '{}') END
$$;

CREATE OR REPLACE FUNCTION held_amount(p_live jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_live = '{}' THEN 0 ELSE
        (SELECT sum((value ->> 0)::integer)::integer FROM jsonb_each(p_live)) END
$$;

-- What a user may use at this instant, and what is used and held today. Writes nothing.
CREATE OR REPLACE FUNCTION usage_today(
    p_user bigint, p_zone text,
    OUT plan_code text, OUT plan_name text, OUT daily_limit integer, OUT access_until timestamptz,
    OUT used integer, OUT held integer, OUT resets_at timestamptz
) LANGUAGE sql STABLE AS $$
    SELECT plan.code, plan.display_name, plan.daily_photo_limit,
        (SELECT max(upper(span)) FROM subscription_periods
            WHERE user_id = p_user AND upper(span) > clock.at),
        coalesce(today.photo_ai_requests, 0),
        coalesce(held_amount(live_holds(today.holds, clock.at)), 0),
        usage_day_end(clock.day, p_zone)
    FROM (SELECT at, usage_day(at, p_zone) AS day FROM (SELECT billing_now() AS at) instant) clock
    JOIN subscription_plans plan ON plan.code = plan_in_force(p_user, clock.at)
    LEFT JOIN daily_usage today ON today.user_id = p_user AND today.date = clock.day
$$;

-- Whether one more operation of this size fits the plan in force: 'allowed', 'held' (only running analyses are in
-- the way) or 'reached'. The caller holds the lock of the day's row.
CREATE OR REPLACE FUNCTION usage_verdict(
    p_user bigint, p_at timestamptz, p_used integer, p_live jsonb, p_amount integer,
    OUT verdict text, OUT plan_code text, OUT daily_limit integer
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT code, daily_photo_limit INTO STRICT plan_code, daily_limit
        FROM subscription_plans WHERE code = plan_in_force(p_user, p_at);
    verdict := CASE
        WHEN daily_limit IS NULL OR p_used + held_amount(p_live) + p_amount <= daily_limit THEN 'allowed'
        WHEN p_used + p_amount <= daily_limit THEN 'held'
        ELSE 'reached' END;
END $$;

-- Whether an operation is still remembered as held or counted; a hold whose time is over is neither.
CREATE OR REPLACE FUNCTION usage_is_remembered(p_known usage_operations, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_known.state = 'counted' OR p_known.state = 'held' AND EXISTS (
        SELECT FROM daily_usage
        WHERE user_id = p_known.user_id AND date = p_known.date
            AND (holds -> p_known.operation_id ->> 1)::float8 > extract(epoch FROM p_at))
$$;

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
        -- Released, or its time is over: the same id begins anew.
        DELETE FROM usage_operations o WHERE o.operation_id = p_operation;
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
