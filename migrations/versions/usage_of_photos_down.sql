-- The functions of before, as they were.

-- Whether one more operation of this size fits the plan in force: 'allowed', 'held' (only what is under way is in the
-- way) or 'reached'. The caller holds the lock of the day's row.
CREATE OR REPLACE FUNCTION feature_usage_verdict(
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

-- Admit one operation: count it at once, or hold it for p_hold_for. Verdicts: 'allowed', 'held', 'reached',
-- 'mismatch' (the id is remembered with another user, feature or amount), 'no_feature', 'again' (another statement took
-- the id meanwhile).
CREATE OR REPLACE FUNCTION feature_usage_admit(
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
CREATE OR REPLACE FUNCTION feature_usage_commit(
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

DROP FUNCTION usage_fits(integer, integer, integer, integer);
