drop table parked_facts;
drop table positions;
