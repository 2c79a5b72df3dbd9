-- Up Migration

create table makes (
  make_id uuid primary key,
  order_id uuid not null unique,
  user_id text not null,
  menu_id text not null,
  -- In won.
  price integer not null check (price >= 0),
  status text not null check (status in ('MAKING', 'MADE', 'CANCELLED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index makes_by_create_time on makes (create_time, make_id);
create index makes_by_status on makes (status, create_time, make_id);

-- Down Migration

drop table makes;
