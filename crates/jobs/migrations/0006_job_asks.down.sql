drop table job_asks;
