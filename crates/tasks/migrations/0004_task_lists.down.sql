drop table task_lists;
