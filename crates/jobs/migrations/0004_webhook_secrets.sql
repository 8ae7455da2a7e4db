-- Which of their secrets people's webhooks are signed with: its number alone, for the secret is made of that and a key of the house. Who is
-- not here has the first. The one before is good for a while after a change.
create table webhook_secrets (
    owner_id bigint not null,
    number bigint not null,
    changed_at bigint not null,
    constraint webhook_secrets_pkey primary key (owner_id)
);
