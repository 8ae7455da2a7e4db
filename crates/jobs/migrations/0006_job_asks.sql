-- When somebody last asked for jobs of a person's queue, so that its owner can be told that nobody does. Each process writes it down once
-- in a while and not with each claim: workers ask all the time.
create table job_asks (
    owner_id bigint not null,
    queue varchar(40) not null,
    asked_at bigint not null,
    constraint job_asks_pkey primary key (owner_id, queue)
) without rowid;
-- Serves the chore that clears away what nobody has asked for in a long time.
create index job_asks_asked on job_asks (asked_at);
