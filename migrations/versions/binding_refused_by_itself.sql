-- To bind a card without a payment is a permission of its own: without it a purchase may keep a card all the same.
ALTER TABLE shops_unable_to_save ALTER COLUMN refused_at DROP NOT NULL, ADD COLUMN binding_refused_at TIMESTAMPTZ;
