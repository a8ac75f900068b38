ALTER FUNCTION keep_payment_method(
    uuid, uuid, bigint, text, boolean, bytea, text[], text, text, text, text, text
) RESET lock_timeout;
