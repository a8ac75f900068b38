-- A paid payment writes two events with the user's whole state: a seventh of what its settlement cost the database went
-- into asking five questions of the same few rows, and into noting in an index that an event has no number yet.

-- Which plan is in force is `plan_in_force`, when the last day ends `pro_ends`: here from one look at the same rows.
CREATE OR REPLACE FUNCTION subscription_state(p_user bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'plan', coalesce(
                (array_agg(plan_code ORDER BY chain = 'check', chain DESC) FILTER (WHERE span @> now_at))[1], 'FREE'),
            'access_until', event_time(max(upper(span)) FILTER (WHERE is_pro)),
            'auto_renew', coalesce((SELECT auto_renew FROM subscriptions WHERE user_id = p_user), false),
            'payment_method', (
                SELECT method_shown(m) FROM payment_methods m
                WHERE m.user_id = p_user AND m.status = 'ACTIVE' AND (NOT m.is_test OR test_days_count())
                ORDER BY m.saved_at DESC, m.id LIMIT 1),
            'spans', to_jsonb(coalesce(
                (array_agg(
                    jsonb_build_object(
                        'plan', plan_code, 'begins', event_time(lower(span)), 'ends', event_time(upper(span)))
                    ORDER BY lower(span), id
                ) FILTER (WHERE is_pro AND upper(span) > now_at))[:20],
                '{}')))
        FROM (
            SELECT s.id, s.plan_code, s.chain, s.span, p.price > 0 AND NOT p.is_test AS is_pro
            FROM subscription_periods s JOIN subscription_plans p ON p.code = s.plan_code
            WHERE s.user_id = p_user AND (s.chain <> 'test' OR (SELECT test_days_count()))
        ) counting);
END $$;

-- It is asked of what has a number only.
ALTER TABLE outbox_events DROP CONSTRAINT uq_outbox_events_feed_no;
CREATE UNIQUE INDEX uq_outbox_events_feed_no ON outbox_events (feed_no) WHERE feed_no IS NOT NULL;
