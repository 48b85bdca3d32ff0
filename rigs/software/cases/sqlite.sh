# SQLite: a database in a file, joins, recursion, full text search, integrity
sqlite3 db <<'Q'
create table t(a integer primary key, b real, c text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000)
  insert into t select i, i / 7.0, printf('%x', i * 2654435761 % 4294967296) from n;
create index tc on t(c);
select count(*), round(sum(b), 6), min(c), max(c) from t;
select count(*) from t x join t y on x.c = y.c where x.a % 3 = 0;
begin; update t set b = -b where a % 2; rollback;
begin; delete from t where a % 5 = 0; commit; vacuum;
select count(*), total(b) from t;
create virtual table f using fts5(x);
insert into f select 'number ' || c || ' ' || a from t where a < 3000;
select count(*) from f where f match 'number AND 77*';
with recursive m(x, y, i, cx, cy) as (select 0.0, 0.0, 0, -0.7435, 0.1314 union all
  select x * x - y * y + cx, 2 * x * y + cy, i + 1, cx, cy from m where x * x + y * y < 4 and i < 500)
  select max(i), max(x) from m;
select json_extract('{"a":[1,{"b":2.5e10}]}', '$.a[1].b');
pragma integrity_check;
Q
