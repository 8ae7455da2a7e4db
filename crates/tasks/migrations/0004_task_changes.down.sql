drop table task_changes_marks;
drop table task_changes;
