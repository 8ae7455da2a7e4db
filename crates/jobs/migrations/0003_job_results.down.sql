drop table job_results;
