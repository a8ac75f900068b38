CREATE OR REPLACE FUNCTION subscription_state(p_user bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
BEGIN
    RETURN jsonb_build_object(
        'plan', plan_in_force(p_user, now_at),
        'access_until', event_time(pro_ends(p_user)),
        'auto_renew', coalesce((SELECT auto_renew FROM subscriptions WHERE user_id = p_user), false),
        'payment_method', (
            SELECT method_shown(m) FROM payment_methods m
            WHERE m.user_id = p_user AND m.status = 'ACTIVE' AND (NOT m.is_test OR test_days_count())
            ORDER BY m.saved_at DESC, m.id LIMIT 1),
        'spans', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'plan', plan_code, 'begins', event_time(lower(span)), 'ends', event_time(upper(span))
            ) ORDER BY lower(span), id)
            FROM (
                SELECT s.* FROM subscription_periods s JOIN subscription_plans p ON p.code = s.plan_code
                WHERE s.user_id = p_user AND upper(s.span) > now_at AND p.price > 0 AND NOT p.is_test
                    AND (s.chain <> 'test' OR test_days_count())
                ORDER BY lower(s.span), s.id LIMIT 20
            ) ahead), '[]'));
END $$;

DROP INDEX uq_outbox_events_feed_no;
ALTER TABLE outbox_events ADD CONSTRAINT uq_outbox_events_feed_no UNIQUE (feed_no);
