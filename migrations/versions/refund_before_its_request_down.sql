CREATE OR REPLACE FUNCTION conclude_refund_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE refund_requests SET concluded_at = billing_now(), refund_id = NEW.id
        WHERE payment_id = NEW.payment_id AND concluded_at IS NULL;
    RETURN NULL;
END $$;
