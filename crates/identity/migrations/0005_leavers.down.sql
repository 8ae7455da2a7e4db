drop table leavers;
