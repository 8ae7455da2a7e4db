alter table tasks drop column details;
