//! What lives under `/api/v1`.

mod chats;
mod etags;
mod home;
mod idempotency;
mod live;
mod live_load;
mod me;
mod messages;
mod people;
mod messages_counted;
mod tasks;
mod tasks_bulk;
mod tasks_changes;
mod tasks_events;
mod tasks_placed;
mod tasks_search;
