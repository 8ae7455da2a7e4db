-- Which words a person's tasks have, folded, so that whatever begins with some letters is one range. Written after the
-- fact, so that writing a task down costs nothing here; rows of deleted tasks go a moment later. Bytes sort the same on
-- every engine, text does not.
create table task_words (
    owner_id bigint not null,
    word varbinary(256) not null,
    id bigint not null,
    constraint task_words_pkey primary key (owner_id, word, id)
) without rowid;
-- The words of each task as they are in the table above, and of which version: what has to be taken away when it changes.
create table task_texts (
    owner_id bigint not null,
    id bigint not null,
    version bigint not null,
    words text not null,
    constraint task_texts_pkey primary key (owner_id, id)
) without rowid;
-- How far the walk has come that finds the tasks whose facts are gone already: those written before there were words.
create table task_walks (
    name varchar(10) not null,
    owner_id bigint not null,
    id bigint not null,
    done bigint not null,
    constraint task_walks_pkey primary key (name)
);
insert into task_walks (name, owner_id, id, done) values ('words', 0, 0, 0);
