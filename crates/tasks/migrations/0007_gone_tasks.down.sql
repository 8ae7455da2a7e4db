drop table gone_tasks;
