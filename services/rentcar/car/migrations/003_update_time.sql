-- Up Migration

alter table cars add column update_time timestamptz(3) not null default now();
-- CarRegistered publishes version 1.
alter table cars alter column published_version set default 1;

-- Down Migration

alter table cars alter column published_version set default 0;
alter table cars drop column update_time;
