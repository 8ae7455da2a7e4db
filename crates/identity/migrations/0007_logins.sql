-- Accounts elsewhere that people sign in with. A person there is known by what the provider calls them, which never
-- changes; the address is what it said of them when they were linked, and opens nothing.
create table logins (
    provider varchar(64) not null,
    subject varchar(255) not null,
    user_id bigint not null,
    email varchar(254),
    created_at bigint not null,
    constraint logins_pkey primary key (provider, subject)
) without rowid;
-- Serves the list of a person's logins, and refuses a second one of the same provider.
create unique index logins_user on logins (user_id, provider);
