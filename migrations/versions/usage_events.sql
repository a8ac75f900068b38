-- Who takes the last photo of a day says so: the two functions that count, as they are now. (The others are where they
-- were, in usage_decisions.sql.) Nothing is asked of those who do not: the limit is at hand already.

-- Once a user and day, also where what was counted was set back and reached again. It says nothing of the subscription,
-- so that nobody waits for the lock of the user's money.
CREATE FUNCTION tell_of_reached_limit(
    p_user bigint, p_plan text, p_limit integer, p_day date, p_resets_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_event(
        'usage.limit_reached', p_user,
        jsonb_build_object('plan', p_plan, 'daily_limit', p_limit, 'date', p_day, 'resets_at', event_time(p_resets_at)),
        false, format('usage.limit_reached:%s:%s', p_user, p_day));
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
    IF p_hold_for IS NULL AND used >= daily_limit THEN
        PERFORM tell_of_reached_limit(p_user, plan_code, daily_limit, today, resets_at);
    END IF;
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
