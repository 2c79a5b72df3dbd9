-- Up Migration

create table books (
  book_id uuid primary key,
  book_nm text not null,
  status text not null check (status in ('IN_STOCK', 'BOOKING', 'ON_RENTAL')),
  -- The version of the newest event of system that the status follows from.
  circulation_version bigint not null,
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index books_by_create_time on books (create_time, book_id);
create index books_by_name on books (book_nm, create_time, book_id);
create index books_by_status on books (status, create_time, book_id);

-- Down Migration

drop table books;
