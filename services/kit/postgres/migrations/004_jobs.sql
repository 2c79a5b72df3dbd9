-- Up Migration

-- Delayed jobs. A worker deletes a row in the transaction of the job's effect.
create table jobs (
  id bigint generated always as identity primary key,
  name text not null,
  key text not null,
  payload text not null,
  due_time timestamptz not null,
  failures int not null default 0,
  -- W3C trace context headers, a JSON object.
  trace text not null
);
create index jobs_by_due_time on jobs (due_time, id);
create index jobs_by_key on jobs (key, name);

-- The table is a queue with few live rows and many dead ones. Early vacuums keep reading its head cheap.
alter table jobs set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- Down Migration

drop table jobs;
