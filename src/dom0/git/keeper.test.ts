import { expect, test } from 'vitest';
import { Dom0Bench, imageOf } from '../dom0-testing.ts';
import { bundleOfConfigs, fileIn, historyOf } from './revisions.ts';

const loop = imageOf(new Uint8Array(Uint32Array.of(0x1400_0000).buffer));

function newBench(): Dom0Bench {
  const bench = new Dom0Bench({ loop });
  bench.dom0.files.makePath('/etc/xen');
  bench.dom0.files.write('/etc/xen/a.cfg', 'name = "a"\nkernel = "/guests/loop.img"\nmemory = 16\n');
  bench.run(100);
  return bench;
}

const log = (bench: Dom0Bench): string =>
  bench.script('sleep 1; cd /etc/xen; git log --oneline').printed.replaceAll(/^.{7} (\(.*?\) )?/gm, '');

test('each save in /etc/xen becomes a commit', () => {
  const bench = newBench();
  expect(bench.dom0.files.exists('/etc/xen/.git')).toBe(false);
  bench.script('echo "vcpus = 2" >> /etc/xen/a.cfg; echo x > /root/elsewhere');
  expect(log(bench)).toBe('Save a.cfg\nThe files as Domain-0 started with them\n');
  bench.dom0.files.write('/etc/xen/b.cfg', 'name = "b"\n');
  bench.run(500);
  bench.script('rm /etc/xen/b.cfg');
  expect(log(bench)).toBe('Remove b.cfg\nAdd b.cfg\nSave a.cfg\nThe files as Domain-0 started with them\n');
  // What is written anew without a change is no revision.
  bench.script('cp /etc/xen/a.cfg /tmp/a; cp /tmp/a /etc/xen/a.cfg');
  expect(log(bench).split('\n')).toHaveLength(5);
  expect(bench.script('cd /etc/xen; git status').printed).toContain('nothing to commit, working tree clean');
  expect(bench.script('cd /etc/xen; git checkout HEAD~3 -- a.cfg; sleep 1; git log --oneline -n 1').printed).toContain(
    'Save a.cfg',
  );
});

test('in a repository of the user’s, the user commits', () => {
  const bench = newBench();
  bench.script('cd /etc/xen; git init; git add .; git commit -m Mine; echo x >> a.cfg');
  expect(log(bench)).toBe('Mine\n');
  bench.script('cd /etc/xen; git config revisions.auto true; echo y >> a.cfg');
  expect(log(bench)).toBe('Save a.cfg\nMine\n');
});

test('which revision runs in which domain', () => {
  const bench = newBench();
  bench.script('echo "vcpus = 1" >> /etc/xen/a.cfg; sleep 1; xl create -q -p /etc/xen/a.cfg');
  const { files, records } = bench.dom0;
  const history = () => historyOf(files, records, '/etc/xen/a.cfg');
  const [first] = history().revisions;
  expect(history().running).toEqual([{ domid: 1, id: first?.id, hasChanged: false }]);
  bench.script('echo "cpu_weight = 9" >> /etc/xen/a.cfg; sleep 1');
  expect(history().running).toEqual([{ domid: 1, id: first?.id, hasChanged: true }]);
  expect(history().revisions.map(({ message }) => message)).toEqual([
    'Save a.cfg',
    'Save a.cfg',
    'The files as Domain-0 started with them',
  ]);
  expect(new TextDecoder().decode(fileIn(files, first?.id ?? '', '/etc/xen/a.cfg') ?? undefined)).toMatch(
    /vcpus = 1\n$/,
  );
  expect(new TextDecoder().decode(bundleOfConfigs(files)?.subarray(0, 15))).toBe('# v2 git bundle');
});
