-- The one invitation to run a house that nobody runs yet. Its secret is not here: it is made of the id and a key. It goes
-- with the account that it makes; the place is always 1, so that processes that start at once offer the same one.
create table invitations (
    place bigint not null,
    id bigint not null,
    expires_at bigint not null,
    constraint invitations_pkey primary key (place)
);
