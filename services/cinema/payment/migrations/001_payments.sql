-- Up Migration

create table payments (
  payment_id uuid primary key,
  reservation_id uuid not null unique,
  user_id text not null,
  cinema_no text not null,
  time text not null,
  -- In won.
  price integer not null check (price >= 0),
  status text not null check (status in ('COMPLETED', 'REFUNDED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index payments_by_create_time on payments (create_time, payment_id);
create index payments_by_status on payments (status, create_time, payment_id);

-- Down Migration

drop table payments;
