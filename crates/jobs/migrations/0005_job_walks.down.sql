drop table job_walks;
