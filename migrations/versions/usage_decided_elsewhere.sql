-- Count what was let through on p_day while nobody could be asked: there, and whatever the limit says, for it has happened.
-- Of an id that counts already nothing more is counted; what is held under it becomes this. Verdicts: 'allowed',
-- 'mismatch' (the id counts for another user, feature or amount), 'no_feature', 'no_day' (longer ago than ids are
-- remembered, or to come), 'again' (another statement took the id meanwhile). The figures are those of today.
CREATE FUNCTION feature_usage_report(
    p_user bigint, p_feature text, p_amount integer, p_operation text, p_day date, p_zone text,
    OUT verdict text, OUT plan_code text, OUT daily_limit integer, OUT used integer, OUT held integer,
    OUT resets_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    today CONSTANT date := usage_day(now_at, p_zone);
    -- Whoever decided near midnight by a clock of his own may be a day ahead.
    its_day CONSTANT date := least(p_day, today);
    known usage_operations;
    newest usage_operations;
    day daily_usage;
BEGIN
    IF EXISTS (SELECT FROM usage_timezone WHERE name <> p_zone) THEN
        RAISE EXCEPTION 'days do not end at midnight of %', p_zone USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    verdict := CASE WHEN NOT is_feature(p_feature) THEN 'no_feature'
        WHEN p_day NOT BETWEEN today - 7 AND today + 1 THEN 'no_day' ELSE 'allowed' END;
    IF verdict <> 'allowed' THEN
        RETURN;
    END IF;
    SELECT * INTO known FROM usage_operations o WHERE o.operation_id = p_operation;
    IF (known.user_id, known.date) < (p_user, its_day) THEN
        PERFORM lock_usage_day(known.user_id, known.date);
    END IF;
    day := lock_usage_day(p_user, its_day);
    IF (known.user_id, known.date) > (p_user, its_day) THEN
        PERFORM lock_usage_day(known.user_id, known.date);
    END IF;
    IF known.operation_id IS NOT NULL THEN
        SELECT * INTO newest FROM usage_operations o WHERE o.operation_id = p_operation;
        IF NOT FOUND OR (newest.user_id, newest.date) <> (known.user_id, known.date) THEN
            verdict := 'again';
            RETURN;
        END IF;
        IF newest.state = 'counted' THEN
            verdict := CASE WHEN (newest.user_id, newest.feature, coalesce(newest.counted, newest.photos))
                = (p_user, p_feature, p_amount) THEN 'allowed' ELSE 'mismatch' END;
        ELSE
            PERFORM drop_held_place(newest);
            DELETE FROM usage_operations o WHERE o.operation_id = p_operation;
            known := NULL;
            -- Its hold may have stood on this very row.
            day := lock_usage_day(p_user, its_day);
        END IF;
    END IF;
    IF known.operation_id IS NULL THEN
        INSERT INTO usage_operations
                (operation_id, user_id, date, feature, photos, state, began_at, counted, changed_at)
            VALUES (p_operation, p_user, its_day, p_feature, p_amount, 'counted', now_at, p_amount, now_at)
            ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            verdict := 'again';
            RETURN;
        END IF;
        PERFORM store_feature_day(p_user, its_day, p_feature, f.used + p_amount, f.holds)
            FROM feature_day(day, p_feature) f;
    END IF;
    SELECT t.plan_code, t.daily_limit, t.used, t.held, t.resets_at INTO plan_code, daily_limit, used, held, resets_at
        FROM feature_usage_today(p_user, p_feature, p_zone) t;
    IF known.operation_id IS NULL AND its_day = today AND used >= daily_limit THEN
        PERFORM tell_of_reached_limit(p_user, p_feature, plan_code, daily_limit, today, resets_at);
    END IF;
END $$;
