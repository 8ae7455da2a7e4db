create index tasks_position on tasks (owner_id, gone, position, id);
delete from task_marks where mark = 'place';
