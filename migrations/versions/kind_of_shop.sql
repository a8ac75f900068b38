-- Days paid with a test card never give access where real money is taken, nor do they push paid days behind them.

-- Which shop this database sells in: a live one once a process of it was here, and the test shop no more after that.
-- What was here before says it by its newest payment.
CREATE TABLE shop_in_force (
    is_test BOOLEAN NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    singleton BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_shop_in_force PRIMARY KEY (singleton),
    CONSTRAINT ck_shop_in_force_singleton CHECK (singleton)
);

INSERT INTO shop_in_force (is_test)
    SELECT coalesce((SELECT is_test FROM payments ORDER BY created_at DESC LIMIT 1), true);

-- Grants and imports are live; a paid period is what its payment is.
ALTER TABLE subscription_periods ADD COLUMN is_test BOOLEAN DEFAULT false NOT NULL;

-- At once, not at the end: a table with checks still to come cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;

UPDATE subscription_periods SET is_test = true
    WHERE payment_id IN (SELECT id FROM payments WHERE is_test);

-- Spans lie end to end within a chain. The day of an administrator's one-rouble payment is not part of what he buys.
CREATE FUNCTION period_chain(p_is_test boolean, p_plan text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT CASE WHEN p_is_test THEN ''test'' WHEN p_plan = ''TEST_LIVE'' THEN ''check'' ELSE ''live'' END';

ALTER TABLE subscription_periods
    ADD COLUMN chain TEXT NOT NULL GENERATED ALWAYS AS (period_chain(is_test, plan_code)) STORED,
    DROP CONSTRAINT ex_subscription_periods_no_overlap,
    DROP CONSTRAINT fk_subscription_periods_payment_terms;

ALTER TABLE subscription_periods
    ADD CONSTRAINT ex_subscription_periods_no_overlap
        EXCLUDE USING gist (user_id WITH =, chain WITH =, span WITH &&) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE payments
    DROP CONSTRAINT uq_payments_terms,
    ADD CONSTRAINT uq_payments_terms UNIQUE (id, user_id, plan_code, duration_days, is_test);

ALTER TABLE subscription_periods
    ADD CONSTRAINT fk_subscription_periods_payment_terms FOREIGN KEY (payment_id, user_id, plan_code, days, is_test)
        REFERENCES payments (id, user_id, plan_code, duration_days, is_test);

-- The release before names no kind.
CREATE FUNCTION period_is_of_its_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT is_test INTO NEW.is_test FROM payments WHERE id = NEW.payment_id;
    NEW.is_test := coalesce(NEW.is_test, false);
    RETURN NEW;
END $$;

CREATE TRIGGER period_is_of_its_shop BEFORE INSERT ON subscription_periods
    FOR EACH ROW WHEN (NEW.payment_id IS NOT NULL) EXECUTE FUNCTION period_is_of_its_shop();

-- Whether days of the test shop count here and now.
CREATE FUNCTION test_days_count() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT is_test FROM shop_in_force), false);
END $$;

-- What a span of this chain lies end to end with, here and now: where test days count, they and live ones (grants are
-- live) are one line, so that none is lost beside another.
CREATE FUNCTION period_line(p_chain text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN p_chain <> 'check' AND test_days_count() THEN 'test and live' ELSE p_chain END;
END $$;

-- The plan of the span that contains the instant, else FREE. A bought plan hides the day of a one-rouble payment.
CREATE OR REPLACE FUNCTION plan_in_force(p_user bigint, p_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (SELECT plan_code FROM subscription_periods
            WHERE user_id = p_user AND span @> p_at AND (chain <> 'test' OR test_days_count())
            ORDER BY chain = 'check', chain DESC LIMIT 1),
        'FREE');
END $$;

-- When the access of today ends if nothing is bought; of the one-rouble payment's day only where there is no other.
CREATE FUNCTION access_ends(p_user bigint, p_at timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(max(upper(span)) FILTER (WHERE chain <> 'check'), max(upper(span)))
        FROM subscription_periods
        WHERE user_id = p_user AND upper(span) > p_at AND (chain <> 'test' OR test_days_count()));
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
    IF in_force <> 'FREE' THEN
        access_until := access_ends(p_user, now_at);
    END IF;
    SELECT photo_ai_requests, held_amount(live_holds(holds, now_at)) INTO used, held
        FROM daily_usage WHERE user_id = p_user AND date = today;
    used := coalesce(used, 0);
    held := coalesce(held, 0);
    resets_at := usage_day_end(today, p_zone);
END $$;
