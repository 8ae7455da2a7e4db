drop table stays;
drop table members;
drop table direct_chats;
drop table chats;
