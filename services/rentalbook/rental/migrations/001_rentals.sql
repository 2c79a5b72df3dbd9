-- Up Migration

create table rentals (
  rental_id uuid primary key,
  book_id uuid not null,
  book_nm text not null,
  user_nm text not null,
  status text not null check (status in ('REQUESTED', 'CONFIRMED', 'REJECTED', 'RETURNED')),
  -- Why it was rejected; else empty.
  reason text not null check ((reason <> '') = (status = 'REJECTED')),
  -- The reserve that it has used; empty unless it was confirmed.
  reserve_id text not null check ((reserve_id <> '') = (status in ('CONFIRMED', 'RETURNED'))),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index rentals_by_create_time on rentals (create_time, rental_id);
create index rentals_by_user on rentals (user_nm, create_time, rental_id);
create index rentals_by_book on rentals (book_id, create_time, rental_id);
create index rentals_by_status on rentals (status, create_time, rental_id);

-- Down Migration

drop table rentals;
