-- What is in flight in a shop that is no longer ours is asked about no more: it holds back its own period, and no other
-- one of the shop of now.
DROP INDEX uq_payments_open_renewal;
CREATE UNIQUE INDEX uq_payments_open_renewal ON payments (user_id, shop_id, is_test)
    WHERE payment_method_id IS NOT NULL AND surplus_of IS NULL AND status IN ('PENDING', 'WAITING_FOR_CAPTURE');

CREATE OR REPLACE FUNCTION late_renewal_is_surplus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.surplus_of := (
        SELECT id FROM payments
        WHERE id <> NEW.id AND user_id = NEW.user_id AND surplus_of IS NULL AND payment_method_id IS NOT NULL
            AND ((status IN ('PENDING', 'WAITING_FOR_CAPTURE')
                    AND ((shop_id, is_test) = (NEW.shop_id, NEW.is_test)
                        OR renewed_period_id = NEW.renewed_period_id))
                OR (status = 'SUCCEEDED' AND renewed_period_id = NEW.renewed_period_id AND NOT frees_period))
        ORDER BY status DESC, created_at LIMIT 1);
    RETURN NEW;
END $$;
