create table item (id integer primary key, name text, value integer);
with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
  insert into item select i, 'name' || (i * 7919 % 20011), i * 31 % 997 from n;
create index by_name on item (name);
select count(*), sum(length(name)) from item where name like '%99%';
select a.value, count(*) from item a join item b on b.name = 'name' || a.value group by a.value order by 2 desc, 1 limit 3;
update item set value = value + 1 where id % 3 = 0;
select sum(value), min(name), max(name) from item;
