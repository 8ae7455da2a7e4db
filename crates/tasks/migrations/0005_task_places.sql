-- A task that was dragged has a mark that says where it stands; all others stand where they were made, in the order of their
-- ids. So writing a task down needs no second index of places.
insert into task_marks (owner_id, mark, degree, id)
select owner_id, 'place', position, id from tasks where gone = 0 and position <> id * 1024;
drop index tasks_position on tasks;
