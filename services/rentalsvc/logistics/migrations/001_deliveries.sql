-- Up Migration

create table deliveries (
  delivery_id uuid primary key,
  order_id uuid not null unique,
  user_id text not null,
  status text not null check (status in ('STARTED', 'RETRIEVED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index deliveries_by_create_time on deliveries (create_time, delivery_id);
create index deliveries_by_status on deliveries (status, create_time, delivery_id);

-- Down Migration

drop table deliveries;
