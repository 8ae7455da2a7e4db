-- People. An e-mail address, a phone number and a user name each name one of them, and are kept as they are compared:
-- addresses and names in lower case, numbers as E.164. An address counts as theirs once it was proved.
create table users (
    id bigint not null,
    email varchar(254),
    phone varchar(16),
    username varchar(64),
    name varchar(200) not null,
    password_hash varchar(200),
    role varchar(20) not null,
    timezone varchar(64) not null,
    language varchar(8) not null,
    week_start bigint not null,
    email_verified_at bigint,
    phone_verified_at bigint,
    generation bigint not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    constraint users_pkey primary key (id)
);
-- Serves log-in, and refuses a second account for one address.
create unique index users_email on users (email);
-- Serves log-in, and refuses a second account for one number.
create unique index users_phone on users (phone);
-- Serves log-in, and refuses a second account for one name.
create unique index users_username on users (username);
