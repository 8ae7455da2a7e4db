-- What is due again and again. Whoever puts a job in the queue because of it moves it on in the same transaction, and so each time is seen to
-- once, whichever processes look.
create table job_schedules (
    id bigint not null,
    slug varchar(100) not null,
    owner_id bigint,
    name varchar(200) not null,
    kind varchar(40) not null,
    queue varchar(40),
    payload text not null,
    priority bigint not null,
    attempts bigint not null,
    cron varchar(200) not null,
    zone varchar(60) not null,
    missed varchar(10) not null,
    last_at bigint not null,
    next_at bigint,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint job_schedules_pkey primary key (id)
);
-- Serves the house's own, which are known by their kind: two processes that start at once write one row.
create unique index job_schedules_slug on job_schedules (slug);
-- Serves whoever looks for what is due.
create index job_schedules_next on job_schedules (next_at);
-- Serves a person's own.
create index job_schedules_owned on job_schedules (owner_id, id);
