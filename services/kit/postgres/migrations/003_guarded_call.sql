-- Up Migration

-- The callee of a guarded call: one row for each id that an effect was ever applied or released for.
create table guarded_effects (
  -- The id of the caller's entity.
  effect_id uuid primary key,
  -- The row of the callee that the effect changes.
  subject_id uuid not null,
  state text not null check (state in ('APPLIED', 'CONFIRMED', 'RELEASED')),
  -- When the effect was applied, or released if that came first. Effects of one process arrive in this order.
  apply_time timestamptz not null default now()
);

-- Updates keep to their page (HOT), since the index summarises ranges of pages and no predicate names the state.
alter table guarded_effects set (fillfactor = 85);
create index guarded_effects_by_time on guarded_effects using brin (apply_time) with (pages_per_range = 16, autosummarize = on);

-- One row. Effects applied before asked_until were confirmed, released or asked about.
create table effect_review (
  -- Up to when the caller has reported its entities.
  confirmed_until timestamptz not null,
  asked_until timestamptz not null
);
insert into effect_review (confirmed_until, asked_until) values (now(), '-infinity');

-- The caller of a guarded call. One row: which entities it has reported.
create table effect_report (
  report_time timestamptz not null,
  -- Transactions before this one are reported.
  reported_xid xid8 not null
);
insert into effect_report (report_time, reported_xid) values (now(), pg_snapshot_xmin(pg_current_snapshot()));

-- Down Migration

drop table effect_report;
drop table effect_review;
drop table guarded_effects;
