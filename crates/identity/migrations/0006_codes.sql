-- The last code that was sent to an address for each reason. Its digits are not here: they are made of its id and a key.
-- A code that is burnt, used or was never really sent stays until its time is over, so that asking again too soon is
-- answered alike.
create table codes (
    reason varchar(16) not null,
    target varchar(270) not null,
    id bigint not null,
    is_real bigint not null,
    sent bigint not null,
    sent_at bigint not null,
    tries bigint not null,
    used bigint not null,
    expires_at bigint not null,
    constraint codes_pkey primary key (reason, target)
) without rowid;
-- Serves the write that clears away codes whose time is long over.
create index codes_expires on codes (expires_at);
