-- Up Migration

create table bookings (
  booking_id uuid primary key,
  reservation_id uuid not null unique,
  user_id text not null,
  cinema_no text not null,
  time text not null,
  -- In won.
  price integer not null check (price >= 0),
  status text not null check (status in ('RESERVED', 'CANCELLED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index bookings_by_create_time on bookings (create_time, booking_id);
create index bookings_by_cinema on bookings (cinema_no, create_time, booking_id);
create index bookings_by_status on bookings (status, create_time, booking_id);

-- Down Migration

drop table bookings;
