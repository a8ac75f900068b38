-- Whoever holds a row of this user's cards, in a transaction of his own, must hold up no purchase: what could not be had
-- within a second is answered as failed, like everything else that goes wrong with a card. Two waits at most (the older
-- card, the digest), so that the statement around it is not cut off by its own limit, which would undo the days.
ALTER FUNCTION keep_payment_method(
    uuid, uuid, bigint, text, boolean, bytea, text[], text, text, text, text, text
) SET lock_timeout = '1s';
