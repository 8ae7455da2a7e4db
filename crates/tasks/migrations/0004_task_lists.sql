-- Lists that a person sorts their tasks into. A person has few, which lie together.
create table task_lists (
    owner_id bigint not null,
    id bigint not null,
    name varchar(200) not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    constraint task_lists_pkey primary key (owner_id, id)
) without rowid;
