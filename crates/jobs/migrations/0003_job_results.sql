-- What came of a report: a file in parts, since one may be too long for a row or for memory. It goes with its job.
create table job_results (
    job_id bigint not null,
    part bigint not null,
    data text not null,
    constraint job_results_pkey primary key (job_id, part)
) without rowid;
