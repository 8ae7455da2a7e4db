drop table task_marks;
