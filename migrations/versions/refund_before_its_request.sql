-- A part that was on its way before its payer asked for the rest is no answer to him, unless nothing is left by it. The
-- clock of the provider, by whom a refund of its cabinet was made, may differ by a minute.
CREATE OR REPLACE FUNCTION conclude_refund_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE refund_requests SET concluded_at = billing_now(), refund_id = NEW.id
        WHERE payment_id = NEW.payment_id AND concluded_at IS NULL
            AND (created_at <= NEW.created_at + interval '1 minute' OR (
                SELECT p.amount <= sum(r.amount) FROM payments p JOIN refunds r ON r.payment_id = p.id
                WHERE p.id = NEW.payment_id AND r.status = 'SUCCEEDED' GROUP BY p.amount));
    RETURN NULL;
END $$;
