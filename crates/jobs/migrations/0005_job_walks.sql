-- How far the chore has come that clears away jobs that are over, and when it set out. It goes on where it stopped, and so does not look
-- each time at all the old ones that stay.
create table job_walks (
    name varchar(10) not null,
    job_id bigint not null,
    begun_at bigint not null,
    constraint job_walks_pkey primary key (name)
);
insert into job_walks (name, job_id, begun_at) values ('over', 0, 0);
