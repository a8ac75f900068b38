ALTER TABLE list_walks
    DROP CONSTRAINT ck_list_walks_interrupted_step_is_whole,
    DROP COLUMN step_until,
    DROP COLUMN left_until;
