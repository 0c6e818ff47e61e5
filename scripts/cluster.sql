-- Question: does the cluster have its role, database, extensions and collation? Makes what lacks.
-- Parameter: password, of the roles "wanmi" and "wanmi_app". Run by the administrator in database "postgres".
select 'create role wanmi login createdb'
where not exists (select from pg_roles where rolname = 'wanmi') \gexec
alter role wanmi login createdb password :'password';
-- Who runs the application where history is to be out of its reach; `flask grant-app wanmi_app`.
select 'create role wanmi_app login'
where not exists (select from pg_roles where rolname = 'wanmi_app') \gexec
alter role wanmi_app login password :'password';

-- In template1, so that every database made later, also a test's, has them from birth: the role
-- is no superuser and could not add PostGIS itself.
\connect template1
begin;
-- The role owns the extensions, so that it can restore a backup of them; superuser only in here.
alter role wanmi superuser;
set role wanmi;
set client_min_messages = 'warning';
create extension if not exists postgis;
create extension if not exists pg_trgm;
create extension if not exists btree_gist;
create extension if not exists pgcrypto;
-- For "order by name collate pinyin"; never for an index, which an update of ICU would spoil.
create collation if not exists pinyin (provider = icu, locale = 'zh-Hans-u-co-pinyin-kn-true');
reset role;
alter role wanmi nosuperuser;
commit;

\connect postgres
select 'create database wanmi owner wanmi template template1'
where not exists (select from pg_database where datname = 'wanmi') \gexec
