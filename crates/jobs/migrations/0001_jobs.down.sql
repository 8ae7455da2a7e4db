drop table job_attempts;
drop table job_keys;
drop table job_lanes;
drop table job_workers;
drop table job_held;
drop table job_later;
drop table job_queue;
drop table jobs;
