-- Version 2. Of a run that comes from a spool, which has no commits that all hosts count alike: which segments told of it, and up
-- to where, so that a host that has seen less leaves it alone. `pos` counts the times that it was brought.
ALTER TABLE aim_cursor ADD COLUMN parts bytea;

UPDATE aim_meta SET value = '2' WHERE key = 'format';
