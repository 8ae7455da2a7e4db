drop table message_counts;
