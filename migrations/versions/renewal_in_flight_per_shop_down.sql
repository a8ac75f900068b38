-- The release before knows one renewal in flight for each user: of those of other shops than the newest one, nobody is
-- told anything any more.
UPDATE payments late SET surplus_of = (
        SELECT newest.id FROM payments newest
        WHERE newest.user_id = late.user_id AND newest.payment_method_id IS NOT NULL AND newest.surplus_of IS NULL
            AND newest.status IN ('PENDING', 'WAITING_FOR_CAPTURE')
        ORDER BY newest.created_at DESC, newest.id LIMIT 1)
    WHERE payment_method_id IS NOT NULL AND surplus_of IS NULL AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')
        AND EXISTS (
            SELECT FROM payments newest
            WHERE newest.user_id = late.user_id AND newest.payment_method_id IS NOT NULL
                AND newest.surplus_of IS NULL AND newest.status IN ('PENDING', 'WAITING_FOR_CAPTURE')
                AND (newest.created_at, newest.id) > (late.created_at, late.id));
DROP INDEX uq_payments_open_renewal;
CREATE UNIQUE INDEX uq_payments_open_renewal ON payments (user_id)
    WHERE payment_method_id IS NOT NULL AND surplus_of IS NULL AND status IN ('PENDING', 'WAITING_FOR_CAPTURE');

CREATE OR REPLACE FUNCTION late_renewal_is_surplus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.surplus_of := (
        SELECT id FROM payments
        WHERE id <> NEW.id AND user_id = NEW.user_id AND surplus_of IS NULL AND payment_method_id IS NOT NULL
            AND (status IN ('PENDING', 'WAITING_FOR_CAPTURE')
                OR (status = 'SUCCEEDED' AND renewed_period_id = NEW.renewed_period_id AND NOT frees_period))
        ORDER BY status DESC, created_at LIMIT 1);
    RETURN NEW;
END $$;
