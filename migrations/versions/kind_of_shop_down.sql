CREATE OR REPLACE FUNCTION plan_in_force(p_user bigint, p_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (SELECT plan_code FROM subscription_periods WHERE user_id = p_user AND span @> p_at),
        'FREE');
END $$;

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

DROP FUNCTION access_ends(bigint, timestamptz);
DROP FUNCTION period_line(text);
DROP FUNCTION test_days_count();
DROP TRIGGER period_is_of_its_shop ON subscription_periods;
DROP FUNCTION period_is_of_its_shop();
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE subscription_periods
    DROP CONSTRAINT fk_subscription_periods_payment_terms,
    DROP CONSTRAINT ex_subscription_periods_no_overlap;
ALTER TABLE payments
    DROP CONSTRAINT uq_payments_terms,
    ADD CONSTRAINT uq_payments_terms UNIQUE (id, user_id, plan_code, duration_days);
ALTER TABLE subscription_periods
    ADD CONSTRAINT fk_subscription_periods_payment_terms FOREIGN KEY (payment_id, user_id, plan_code, days)
        REFERENCES payments (id, user_id, plan_code, duration_days),
    ADD CONSTRAINT ex_subscription_periods_no_overlap
        EXCLUDE USING gist (user_id WITH =, span WITH &&) DEFERRABLE INITIALLY DEFERRED,
    DROP COLUMN chain,
    DROP COLUMN is_test;
DROP FUNCTION period_chain(boolean, text);
DROP TABLE shop_in_force;
