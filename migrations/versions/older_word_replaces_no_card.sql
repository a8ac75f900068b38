-- A payment that is learned of late was begun before its payer chose another card: that one stays, by his newer word.
CREATE OR REPLACE FUNCTION keep_payment_method(
    p_id uuid, p_consent uuid, p_user bigint, p_shop text, p_is_test boolean, p_sealed bytea, p_digests text[],
    p_type text, p_title text, p_last4 text, p_brand text, p_expires text
) RETURNS text LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consents WHERE id = p_consent AND user_id = p_user AND withdrawn_at IS NULL) THEN
        RETURN 'consent_withdrawn';
    END IF;
    IF EXISTS (SELECT FROM payment_methods WHERE id_digest = ANY (p_digests)) THEN
        RETURN 'known';
    END IF;
    IF EXISTS (
        SELECT FROM payment_methods chosen JOIN consents newer ON newer.id = chosen.consent_id
            JOIN consents older ON older.id = p_consent
        WHERE chosen.user_id = p_user AND chosen.shop_id = p_shop AND chosen.is_test = p_is_test
            AND chosen.status = 'ACTIVE' AND newer.given_at > older.given_at
            -- One word may be recorded for more than one purchase: what was begun since is newer all the same.
            AND NOT EXISTS (
                SELECT FROM payments WHERE user_id = p_user AND consent_id = p_consent AND created_at > chosen.saved_at)
            AND NOT EXISTS (
                SELECT FROM card_bindings
                WHERE user_id = p_user AND consent_id = p_consent AND created_at > chosen.saved_at))
    THEN
        RETURN 'older';
    END IF;
    UPDATE payment_methods SET status = 'REPLACED', sealed_id = NULL, ended_at = billing_now()
        WHERE user_id = p_user AND shop_id = p_shop AND is_test = p_is_test AND status = 'ACTIVE';
    INSERT INTO payment_methods
        (id, user_id, shop_id, is_test, consent_id, sealed_id, id_digest, type, title, card_last4, card_brand, expires)
        VALUES (p_id, p_user, p_shop, p_is_test, p_consent, p_sealed, p_digests[1], p_type, p_title, p_last4, p_brand,
            p_expires);
    RETURN 'kept';
EXCEPTION WHEN OTHERS THEN
    RETURN 'failed ' || SQLSTATE;
END $$;
