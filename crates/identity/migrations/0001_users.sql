-- People. An e-mail address names one of them; it is kept in lower case, as it is compared.
create table users (
    id bigint not null,
    email varchar(254) not null,
    name varchar(200) not null,
    password_hash varchar(200) not null,
    role varchar(20) not null,
    timezone varchar(64) not null,
    generation bigint not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    constraint users_pkey primary key (id)
);
-- Serves log-in, and refuses a second account for one address.
create unique index users_email on users (email);
