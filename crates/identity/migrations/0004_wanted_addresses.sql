-- Addresses that people want instead of the one they have, until they prove them by a code: one of each kind.
create table wanted_addresses (
    user_id bigint not null,
    kind varchar(8) not null,
    address varchar(254) not null,
    wanted_at bigint not null,
    constraint wanted_addresses_pkey primary key (user_id, kind)
) without rowid;
