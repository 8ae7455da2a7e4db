-- How many messages were received by all (subject 0), and received and sent by each person, in each second, minute, hour
-- and day. Rows of one moment lie together: those that a batch of messages adds to are few pages, however many people
-- write and however long the house has stood. A range is read by the moments at which there was something at all.
create table message_counts (
    series bigint not null,
    start bigint not null,
    subject bigint not null,
    messages bigint not null,
    constraint message_counts_pkey primary key (series, start, subject)
) without rowid;
