-- What changed since a place that a reader keeps for itself is read from the facts of its key; and up to which number
-- facts were deleted is kept, so that a reader who comes too late is told so instead of missing something.
-- Serves the facts of one key after a number, which is a column like any other here.
create index facts_key on facts (order_key, number);
insert into counters (name, value) select 'facts.swept', coalesce(min(number), 1) - 1 from facts;
