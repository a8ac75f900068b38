DELETE FROM shops_unable_to_save WHERE refused_at IS NULL;
ALTER TABLE shops_unable_to_save ALTER COLUMN refused_at SET NOT NULL, DROP COLUMN binding_refused_at;
