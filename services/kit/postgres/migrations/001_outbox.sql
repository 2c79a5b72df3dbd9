-- Up Migration

-- Events that are committed, but not yet known to be in Kafka. The id gives the order: transactions that change the same aggregate lock
-- its row before they append, so for one key the order of ids is the order of commits.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  headers jsonb not null,
  value bytea not null
);

-- The table is a queue: few live rows, many dead ones. Rows are vacuumed early so that reading its head stays cheap.
alter table outbox set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- Which events a group of consumers has applied: a row is written in the transaction of the effect.
create table processed_events (
  consumer_group text not null,
  event_id uuid not null,
  process_time timestamptz not null default now(),
  primary key (consumer_group, event_id)
);
create index processed_events_by_time on processed_events (process_time);

-- Down Migration

drop table processed_events;
drop table outbox;
