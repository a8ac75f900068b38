DROP TRIGGER tell_of_payment_method ON payment_methods;
DROP TRIGGER tell_of_refusal ON payment_method_refusals;
DROP FUNCTION tell_of_payment_method();
DROP FUNCTION tell_of_refusal();

CREATE OR REPLACE FUNCTION subscription_state(p_user bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
BEGIN
    RETURN jsonb_build_object(
        'plan', plan_in_force(p_user, now_at),
        'access_until', event_time(pro_ends(p_user)),
        'auto_renew', coalesce((SELECT auto_renew FROM subscriptions WHERE user_id = p_user), false),
        'payment_method', NULL,
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

DROP FUNCTION method_shown(payment_methods);
DROP FUNCTION keep_payment_method(uuid, uuid, bigint, text, boolean, bytea, text[], text, text, text, text, text);
DROP TRIGGER charge_is_not_sent_again ON payments;
DROP TRIGGER become_charge_of_active_method ON payments;
DROP TRIGGER charge_only_active_method ON payments;
ALTER TABLE payments
    DROP COLUMN consent_id, DROP COLUMN not_saved_because, DROP COLUMN payment_method_id, DROP COLUMN replaced_by;
DROP FUNCTION charge_only_active_method();
DROP TABLE shops_unable_to_save, card_bindings, payment_method_refusals, payment_methods, consents;
DROP FUNCTION refusal_is_for_good();
DROP FUNCTION consent_stays_as_given();
ALTER TABLE subscriptions DROP COLUMN auto_renew_since;
