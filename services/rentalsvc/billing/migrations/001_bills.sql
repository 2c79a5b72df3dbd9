-- Up Migration

create table bills (
  bill_id uuid primary key,
  order_id uuid not null unique,
  user_id text not null,
  -- In won.
  amount integer not null check (amount >= 0),
  status text not null check (status in ('RECEIVED', 'REFUNDED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index bills_by_create_time on bills (create_time, bill_id);
create index bills_by_status on bills (status, create_time, bill_id);

-- Down Migration

drop table bills;
