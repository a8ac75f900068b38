-- A list is read newest first: of a step up to step_until, what was created before left_until is still to be compared.

ALTER TABLE list_walks
    ADD COLUMN step_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN left_until TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_list_walks_interrupted_step_is_whole CHECK ((step_until IS NULL) = (left_until IS NULL));
