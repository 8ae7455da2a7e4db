drop table endings;
