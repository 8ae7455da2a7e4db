drop index users_name_key on users;
alter table users drop column name_key;
