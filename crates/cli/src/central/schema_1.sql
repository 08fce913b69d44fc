-- The central store, version 1. Every key begins with `run`, 12 random bytes: that is what a distributed engine spreads rows
-- by. No sequences, no foreign keys, no triggers, no uniqueness without `run`.
-- Texts for SQL hold at most 500 characters where an index is on them, and U+FFFD for NUL, which PostgreSQL has not; the
-- columns that end in `exact` hold what libaim reads.

CREATE TABLE aim_meta (key text PRIMARY KEY, value text NOT NULL);

CREATE TABLE aim_run (
    run          bytea    PRIMARY KEY,                 -- encode(run, 'hex') is the hash that people see
    experiment   text     NOT NULL,
    name         text,
    description  text     NOT NULL,
    tags         text[]   NOT NULL,
    archived     boolean  NOT NULL,
    state        smallint NOT NULL,                    -- 0 running, 1 finished, 2 crashed, 3 failed, 4 interrupted
    exit_code    int,
    signal       int,
    created_at   bigint   NOT NULL,                    -- microseconds since 1970 (UTC), as all times
    finalized_at bigint,
    seen_at      bigint   NOT NULL,                    -- when something new of it came last
    params       jsonb    NOT NULL,                    -- NaN, infinities and bytes are strings
    params_exact bytea    NOT NULL,
    params_sum   bigint   NOT NULL,
    exact        bytea    NOT NULL
);
CREATE INDEX aim_run_params     ON aim_run USING gin (params jsonb_path_ops);
CREATE INDEX aim_run_tags       ON aim_run USING gin (tags);
CREATE INDEX aim_run_experiment ON aim_run (experiment, run);
CREATE INDEX aim_run_created_at ON aim_run (created_at, run);

-- A row for each value that is reached through objects alone, but those below a pointer of more than 500 characters.
CREATE TABLE aim_param (
    run  bytea NOT NULL,
    path text  NOT NULL,                               -- JSON Pointer: /hparams/lr
    num  double precision,                             -- of numbers and booleans
    txt  text,                                         -- of strings, their first 128 characters
    PRIMARY KEY (run, path)
);
CREATE INDEX aim_param_num ON aim_param (path, num, run) WHERE num IS NOT NULL;
CREATE INDEX aim_param_txt ON aim_param (path, txt, run) WHERE txt IS NOT NULL;

CREATE TABLE aim_series (
    run           bytea  NOT NULL,
    sid           bigint NOT NULL,                     -- made of name and context, the same everywhere
    name          text   NOT NULL,
    context       jsonb  NOT NULL,
    count         bigint NOT NULL,
    first_step    bigint NOT NULL,
    first         double precision NOT NULL,
    last_step     bigint NOT NULL,
    last          double precision NOT NULL,
    min           double precision NOT NULL,           -- NaN where no value is a number
    max           double precision NOT NULL,
    name_exact    bytea,                               -- where the name is not the text
    context_exact text   NOT NULL,
    sum           bigint NOT NULL,
    PRIMARY KEY (run, sid)
);
CREATE INDEX aim_series_name ON aim_series (name, run);

-- Points, as columns of a piece of a sequence. One of v4 and v8, of t4 and t8; steps and epochs where they are not regular.
CREATE TABLE aim_chunk (
    run        bytea    NOT NULL,
    sid        bigint   NOT NULL,
    first_step bigint   NOT NULL,
    last_step  bigint   NOT NULL,
    count      int      NOT NULL,
    sealed     boolean  NOT NULL,
    sum        bigint   NOT NULL,
    stride     bigint,
    steps      bigint[],
    v4         real[],                                 -- values that a float32 holds
    v8         double precision[],
    epoch      bigint,                                 -- of all; the least number is none
    epochs     bigint[],
    time0      bigint   NOT NULL,
    t4         int[],                                  -- microseconds after time0
    t8         bigint[],
    PRIMARY KEY (run, sid, first_step)
);
ALTER TABLE aim_chunk ALTER COLUMN v4 SET STORAGE EXTERNAL, ALTER COLUMN v8 SET STORAGE EXTERNAL;

CREATE TABLE aim_log (
    run    bytea    NOT NULL,
    stream smallint NOT NULL,                          -- 0 records, 1 terminal, 2 notes
    first  bigint   NOT NULL,
    sum    bigint   NOT NULL,
    exact  bytea    NOT NULL,
    PRIMARY KEY (run, stream, first)
);

-- How far each run is here: the commit of its repository that was brought last. Of a run that was deleted here the row stays
-- and keeps it from coming again.
CREATE TABLE aim_cursor (
    run     bytea   PRIMARY KEY,
    source  bytea   NOT NULL,
    pos     bigint  NOT NULL,
    sum     bigint  NOT NULL,
    deleted boolean NOT NULL DEFAULT false
);

-- Which repositories are brought here, where they were, and when something new of them came last.
CREATE TABLE aim_source (
    source  bytea  PRIMARY KEY,
    host    text   NOT NULL,
    path    text   NOT NULL,
    seen_at bigint NOT NULL
);

CREATE VIEW runs AS
    SELECT encode(run, 'hex') AS hash, experiment, coalesce(name, 'Run: ' || encode(run, 'hex')) AS name, description, tags,
           archived, (ARRAY['running', 'finished', 'crashed', 'failed', 'interrupted'])[state + 1] AS state, exit_code, signal,
           to_timestamp(created_at / 1e6) AS created_at, to_timestamp(finalized_at / 1e6) AS finalized_at, params, run
    FROM aim_run;

CREATE VIEW metrics AS
    SELECT encode(run, 'hex') AS hash, name, context, count, first_step, last_step, first, last, min, max, run, sid
    FROM aim_series;

CREATE VIEW points AS
    SELECT c.run, c.sid, coalesce(u.step, c.first_step + (u.i - 1) * c.stride) AS step,
           coalesce(u.v4::double precision, u.v8) AS value,
           nullif(coalesce(u.epoch, c.epoch), -9223372036854775808) AS epoch,
           to_timestamp((c.time0 + coalesce(u.t4::bigint, u.t8)) / 1e6) AS time
    FROM aim_chunk c,
         unnest(c.steps, c.v4, c.v8, c.epochs, c.t4, c.t8) WITH ORDINALITY AS u(step, v4, v8, epoch, t4, t8, i);

-- Deletes a run, so that no syncer brings it again; false where there is none.
CREATE FUNCTION delete_run(hash text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    which bytea := decode(hash, 'hex');
BEGIN
    UPDATE aim.aim_cursor SET deleted = true WHERE run = which AND NOT deleted;
    IF NOT FOUND THEN RETURN false; END IF;
    DELETE FROM aim.aim_chunk WHERE run = which;
    DELETE FROM aim.aim_series WHERE run = which;
    DELETE FROM aim.aim_param WHERE run = which;
    DELETE FROM aim.aim_log WHERE run = which;
    DELETE FROM aim.aim_run WHERE run = which;
    RETURN true;
END $$;

INSERT INTO aim_meta VALUES ('format', '1'), ('store', md5(random()::text || clock_timestamp()::text));
