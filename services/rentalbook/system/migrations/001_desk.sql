-- Up Migration

create table reserves (
  reserve_id uuid primary key,
  book_id uuid not null,
  book_nm text not null,
  user_nm text not null,
  status text not null check (status in ('ACTIVE', 'USED', 'CANCELLED')),
  -- The rental that has used it; else empty.
  rental_id text not null check ((rental_id <> '') = (status = 'USED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index reserves_by_create_time on reserves (create_time, reserve_id);
create index reserves_by_user on reserves (user_nm, create_time, reserve_id);
create index reserves_by_book on reserves (book_id, create_time, reserve_id);
-- A member has at most one ACTIVE reserve of a book.
create unique index active_reserves on reserves (book_id, user_nm) where status = 'ACTIVE';

-- Who has each book. Changes of a book's reserves, checks and returns lock its row.
create table circulations (
  book_id uuid primary key,
  -- Of the rental under which the book is out; else empty.
  book_nm text not null,
  user_nm text not null,
  active_reserves integer not null check (active_reserves >= 0),
  on_rental boolean not null,
  rental_id text not null check ((rental_id <> '') = on_rental),
  reserve_id text not null check ((reserve_id <> '') = on_rental),
  version bigint not null,
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now()
);

-- The outcome of the check of each rental, so that a rental is checked once.
create table checks (
  rental_id uuid primary key,
  book_id uuid not null,
  user_nm text not null,
  -- Empty if the rental passed.
  reason text not null check (reason in ('', 'NOT_RESERVED', 'ALREADY_RENTED')),
  version bigint not null,
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now()
);

create table returns (
  rental_id uuid primary key,
  return_id uuid not null unique,
  book_id uuid not null,
  book_nm text not null,
  user_nm text not null,
  version bigint not null,
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  create_xid xid8 not null default pg_current_xact_id()
);
create index returns_by_create_time on returns (create_time, rental_id);
create index returns_by_user on returns (user_nm, create_time, rental_id);
create index returns_by_book on returns (book_id, create_time, rental_id);

-- Down Migration

drop table returns;
drop table checks;
drop table circulations;
drop table reserves;
