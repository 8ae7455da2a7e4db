//! What lives under `/api/v1`.

mod chats;
mod emails;
mod etags;
mod home;
mod idempotency;
mod jobs;
pub mod live;
mod live_events;
mod live_load;
mod me;
mod messages;
mod messages_counted;
mod people;
mod reports;
mod schedules;
mod tasks;
mod tasks_bulk;
mod tasks_changes;
mod tasks_events;
mod tasks_placed;
mod tasks_search;
mod webhooks;
mod work;
mod work_manual;
