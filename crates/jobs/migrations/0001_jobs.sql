-- Work that is done later, once. What a job is and how it ended is a row of `jobs` for as long as it is kept. Where it waits is a row of one of
-- three tables that are as large as the work there is: due ones in `job_queue`, those whose time will come in `job_later`, those at work in
-- `job_held`. So a claim costs the same beside ten jobs that are over as beside ten million.
create table jobs (
    id bigint not null,
    owner_id bigint,
    kind varchar(40) not null,
    queue varchar(40),
    state bigint not null,
    priority bigint not null,
    payload text not null,
    unique_key varchar(200),
    run_at bigint not null,
    attempt bigint not null,
    attempts bigint not null,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    error text,
    result text,
    constraint jobs_pkey primary key (id)
);
-- Serves a person's jobs, newest first, by state and kind.
create index jobs_owned on jobs (owner_id, state, kind, id);
-- Due, and nobody's yet: a claim takes the first of a lane.
create table job_queue (
    lane varchar(100) not null,
    priority bigint not null,
    id bigint not null,
    owner_id bigint,
    attempt bigint not null,
    constraint job_queue_pkey primary key (lane, priority, id)
) without rowid;
-- Not due yet: delayed, or to be tried again.
create table job_later (
    run_at bigint not null,
    id bigint not null,
    lane varchar(100) not null,
    priority bigint not null,
    owner_id bigint,
    attempt bigint not null,
    constraint job_later_pkey primary key (run_at, id)
) without rowid;
-- At work. Whoever holds one says so by its claim, which no other claim is called like: what comes late from a former holder finds no row.
create table job_held (
    id bigint not null,
    claim bigint not null,
    worker bigint not null,
    lane varchar(100) not null,
    priority bigint not null,
    owner_id bigint,
    attempt bigint not null,
    started_at bigint not null,
    held_until bigint,
    cancelled bigint not null,
    progress text,
    constraint job_held_pkey primary key (id)
);
-- The processes that work, by lease: what one held that is dead is taken over.
create table job_workers (
    id bigint not null,
    holder varchar(100) not null,
    lanes text not null,
    room bigint not null,
    busy bigint not null,
    started_at bigint not null,
    lease_until bigint not null,
    constraint job_workers_pkey primary key (id)
);
-- Lanes in which no more than so many may run at once, in all processes together.
create table job_lanes (
    lane varchar(100) not null,
    most bigint,
    constraint job_lanes_pkey primary key (lane)
);
-- Of jobs with one key only one is open.
create table job_keys (
    lane varchar(100) not null,
    unique_key varchar(200) not null,
    id bigint not null,
    constraint job_keys_pkey primary key (lane, unique_key)
) without rowid;
-- Attempts that came to nothing, for a job's timeline. One that went well is told by the job itself.
create table job_attempts (
    job_id bigint not null,
    attempt bigint not null,
    started_at bigint not null,
    ended_at bigint not null,
    outcome varchar(20) not null,
    error text,
    constraint job_attempts_pkey primary key (job_id, attempt)
) without rowid;
