-- Every fact writes its own event, where it is written itself: whoever comes to it, by whatever way, in this release or
-- the one before, cannot forget the event, and it costs no round trip.

-- The end of access that is still to be told; null once it was, or where there is none.
ALTER TABLE subscriptions ADD COLUMN end_due_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_subscriptions_end_due_at ON subscriptions (end_due_at) WHERE end_due_at IS NOT NULL;

-- Whether days of this plan, of this chain, make somebody PRO here and now.
CREATE FUNCTION gives_pro(p_plan text, p_chain text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (p_chain <> 'test' OR test_days_count()) AND EXISTS (
        SELECT FROM subscription_plans WHERE code = p_plan AND price > 0 AND NOT is_test);
END $$;

CREATE FUNCTION period_data(p_period subscription_periods) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'plan', p_period.plan_code, 'days', p_period.days, 'cause', p_period.cause, 'payment_id', p_period.payment_id,
        'begins', event_time(lower(p_period.span)), 'ends', event_time(upper(p_period.span)));
END $$;

-- Remember when a user's access ends, so that it can be told; whose access was to go on and is over now has ended now.
CREATE FUNCTION note_end(p_user bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    ends CONSTANT timestamptz := pro_ends(p_user);
BEGIN
    UPDATE subscriptions SET end_due_at = CASE
            WHEN ends > now_at THEN ends
            WHEN end_due_at IS NOT NULL THEN least(end_due_at, now_at) END
        WHERE user_id = p_user;
END $$;

-- An import is told by whoever imports, once a user.
CREATE FUNCTION tell_of_new_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    had_access boolean;
BEGIN
    IF NOT gives_pro(NEW.plan_code, NEW.chain) THEN
        RETURN NULL;
    END IF;
    IF NEW.cause <> 'import' THEN
        had_access := EXISTS (
            SELECT FROM subscription_periods
            WHERE user_id = NEW.user_id AND id <> NEW.id AND upper(span) > billing_now()
                AND gives_pro(plan_code, chain));
        PERFORM record_event(
            CASE WHEN had_access THEN 'subscription.extended' ELSE 'subscription.activated' END,
            NEW.user_id, period_data(NEW), true);
    END IF;
    PERFORM note_end(NEW.user_id);
    RETURN NULL;
END $$;

CREATE FUNCTION shortened_data(p_period subscription_periods, p_before timestamptz, p_after timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'seconds', greatest(floor(extract(epoch FROM p_before - greatest(p_after, billing_now()))), 0)::bigint,
        'access_until_before', event_time(p_before),
        'plan', p_period.plan_code, 'cause', p_period.cause, 'payment_id', p_period.payment_id);
END $$;

-- One event a user, however many of his spans one statement moves; it names the period of which most was cut.
CREATE FUNCTION tell_of_moved_periods() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one record;
    after_it timestamptz;
    period subscription_periods;
BEGIN
    FOR one IN
        SELECT moved.user_id, (
            SELECT max(ends) FROM (
                SELECT upper(was.span) AS ends FROM old_periods was
                WHERE was.user_id = moved.user_id AND gives_pro(was.plan_code, was.chain)
                UNION ALL
                SELECT upper(beside.span) FROM subscription_periods beside
                WHERE beside.user_id = moved.user_id AND gives_pro(beside.plan_code, beside.chain)
                    AND NOT EXISTS (SELECT FROM old_periods was WHERE was.id = beside.id)
            ) ends_before
        ) AS before_it
        FROM new_periods moved JOIN old_periods was ON was.id = moved.id
        WHERE moved.span <> was.span AND gives_pro(moved.plan_code, moved.chain)
        GROUP BY moved.user_id ORDER BY moved.user_id
    LOOP
        after_it := pro_ends(one.user_id);
        SELECT moved.* INTO period FROM new_periods moved JOIN old_periods was ON was.id = moved.id
            WHERE moved.user_id = one.user_id AND moved.span <> was.span AND gives_pro(moved.plan_code, moved.chain)
            ORDER BY moved.cut - was.cut DESC, upper(moved.span) DESC NULLS LAST LIMIT 1;
        IF after_it >= one.before_it THEN
            PERFORM record_event('subscription.extended', one.user_id, period_data(period), true);
        ELSE
            PERFORM record_event(
                'subscription.shortened', one.user_id, shortened_data(period, one.before_it, after_it), true);
        END IF;
        PERFORM note_end(one.user_id);
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION tell_of_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_event(
        'payment.' || lower(NEW.status), NEW.user_id,
        jsonb_build_object(
            'payment_id', NEW.id, 'purpose', NEW.purpose, 'plan', NEW.plan_code, 'days', NEW.duration_days,
            'amount', NEW.amount::text, 'currency', NEW.currency, 'is_recurring', NEW.is_recurring,
            'is_test', NEW.is_test
        ) || CASE WHEN NEW.status = 'SUCCEEDED'
            THEN jsonb_build_object('paid_at', event_time(NEW.paid_at))
            ELSE jsonb_build_object('cancellation', jsonb_build_object(
                'party', NEW.cancellation_party, 'reason', NEW.cancellation_reason)) END,
        true);
    RETURN NULL;
END $$;

CREATE FUNCTION tell_of_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payment payments;
    returned numeric;
BEGIN
    SELECT * INTO payment FROM payments WHERE id = NEW.payment_id;
    SELECT sum(amount) INTO returned FROM refunds WHERE payment_id = NEW.payment_id AND status = 'SUCCEEDED';
    PERFORM record_event(
        'payment.refunded', payment.user_id,
        jsonb_build_object(
            'refund_id', NEW.id, 'payment_id', NEW.payment_id, 'amount', NEW.amount::text, 'currency', NEW.currency,
            'refunded_amount', returned::text, 'is_full', returned >= payment.amount, 'access', NEW.access,
            'seconds_cut', floor(extract(epoch FROM NEW.access_cut))::bigint, 'is_test', payment.is_test),
        true);
    RETURN NULL;
END $$;

CREATE FUNCTION tell_of_auto_renewal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_event(
        'subscription.autorenew_changed', NEW.user_id, jsonb_build_object('enabled', NEW.auto_renew), true);
    RETURN NULL;
END $$;

-- What is too long to be sent is left to the log.
CREATE FUNCTION tell_of_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR OLD.facts <> NEW.facts THEN
        PERFORM record_event(
            'billing.alarm', NULL,
            jsonb_build_object(
                'alarm', NEW.kind, 'subject', left(NEW.subject, 200),
                'facts', CASE WHEN octet_length(NEW.facts::text) < 8000 THEN NEW.facts ELSE '{}' END),
            false);
    END IF;
    RETURN NULL;
END $$;

-- Days of the test shop stop giving access with the first process of a live one, and may give it again.
CREATE FUNCTION tell_of_another_shop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    period subscription_periods;
BEGIN
    FOR period IN
        SELECT DISTINCT ON (user_id) * FROM subscription_periods
        WHERE is_test AND upper(span) > billing_now() ORDER BY user_id, upper(span) DESC
    LOOP
        PERFORM FROM subscriptions WHERE user_id = period.user_id FOR UPDATE;
        IF NEW.is_test THEN
            PERFORM record_event('subscription.extended', period.user_id, period_data(period), true);
        ELSE
            PERFORM record_event(
                'subscription.shortened', period.user_id,
                shortened_data(period, upper(period.span), pro_ends(period.user_id)), true);
        END IF;
        PERFORM note_end(period.user_id);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER tell_of_new_period AFTER INSERT ON subscription_periods
    FOR EACH ROW EXECUTE FUNCTION tell_of_new_period();
CREATE TRIGGER tell_of_moved_periods AFTER UPDATE ON subscription_periods
    REFERENCING OLD TABLE AS old_periods NEW TABLE AS new_periods
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_moved_periods();
CREATE TRIGGER tell_of_payment AFTER UPDATE OF status ON payments
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'CANCELED'))
    EXECUTE FUNCTION tell_of_payment();
-- A refund is told once its effect on access is done, which is with its success unless its payment is not settled yet.
CREATE TRIGGER tell_of_refund AFTER UPDATE OF applied_at ON refunds
    FOR EACH ROW WHEN (OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL)
    EXECUTE FUNCTION tell_of_refund();
CREATE TRIGGER tell_of_auto_renewal AFTER UPDATE OF auto_renew ON subscriptions
    FOR EACH ROW WHEN (OLD.auto_renew <> NEW.auto_renew) EXECUTE FUNCTION tell_of_auto_renewal();
CREATE TRIGGER tell_of_alarm AFTER INSERT OR UPDATE OF facts ON alarms
    FOR EACH ROW EXECUTE FUNCTION tell_of_alarm();
CREATE TRIGGER tell_of_another_shop AFTER UPDATE OF is_test ON shop_in_force
    FOR EACH ROW WHEN (OLD.is_test <> NEW.is_test) EXECUTE FUNCTION tell_of_another_shop();

-- Whoever was here before there were events. Nobody writes periods meanwhile: the triggers above have locked them.
UPDATE subscriptions SET end_due_at = pro_ends(user_id) WHERE pro_ends(user_id) > billing_now();
DO $$
BEGIN
    PERFORM record_event('subscription.imported', user_id, '{}', true)
        FROM (SELECT DISTINCT user_id FROM subscription_periods ORDER BY user_id) known;
END $$;
