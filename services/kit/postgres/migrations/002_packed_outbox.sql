-- Up Migration

-- The rows of the old form cannot be converted here: the version that wrote them sends them.
do $$
begin
  if exists (select from outbox) then
    raise exception 'events wait in the outbox: start the previous version again until it has sent them';
  end if;
end
$$;

drop table outbox;

-- Events that are committed and not yet known to be in Kafka: one row per transaction (rentmesh.outbox.v1.OutboxBatch).
-- The id gives the order. Transactions that change the same aggregate lock its row before they append, so for one key
-- the order of ids is the order of commits.
create table outbox (
  id bigint generated always as identity primary key,
  events bytea not null
);

-- Rows live for milliseconds: compressing them or moving them to the TOAST table costs more than their size.
alter table outbox alter column events set storage external;
alter table outbox set (toast_tuple_target = 8160);

-- The table is a queue with few live rows and many dead ones. Early vacuums keep reading its head cheap.
alter table outbox set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- Handlers are idempotent by rule or by key.
drop table processed_events;

-- Down Migration

create table processed_events (
  consumer_group text not null,
  event_id uuid not null,
  process_time timestamptz not null default now(),
  primary key (consumer_group, event_id)
);
create index processed_events_by_time on processed_events (process_time);

drop table outbox;
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  headers jsonb not null,
  value bytea not null
);
