import { execFileSync, spawnSync } from 'node:child_process';
import * as nodeFs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import isomorphicGit from 'isomorphic-git';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShellBench } from '../shell/shell-testing.ts';
import { gitProgram } from './program.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
const directory = nodeFs.mkdtempSync(join(tmpdir(), 'git-'));
const there = join(directory, 'xen');
afterAll(() => nodeFs.rmSync(directory, { recursive: true }));

const environment = {
  PATH: process.env.PATH,
  HOME: directory,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_DATE: '@0 +0000',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** A day with configs, by the shell's own means. */
const session: readonly string[] = [
  'git init',
  'git status',
  'git log',
  'echo "name = 1" > a.cfg; mkdir sub; echo "memory = 16" > sub/b.cfg; echo "x" > c.cfg',
  'git status',
  'git status -s',
  'git add a.cfg',
  'git add nothing.cfg',
  'git status',
  'git diff --cached',
  'git commit -m "First config"',
  'git commit -m "Again"',
  'git add .',
  'git commit -m "The others"',
  'git log',
  'git log --oneline',
  'echo "name = 2" > a.cfg; echo "vcpus = 1" >> a.cfg; rm c.cfg',
  'git status',
  'git status -s',
  'git diff',
  'git diff --stat',
  'git diff --name-status',
  'git diff a.cfg',
  'git add -A',
  'git diff',
  'git diff --staged',
  'git restore --staged a.cfg',
  'git status -s',
  'git commit -a -m "A second name"',
  'git show',
  'git show --stat',
  'git show HEAD~1:c.cfg',
  'git show HEAD~9',
  'git log -p -n 1',
  'git log --oneline a.cfg',
  'git log --oneline HEAD~2',
  'git rev-parse HEAD',
  'git rev-parse --short HEAD~1',
  'git branch',
  'git branch try',
  'git branch try',
  'git checkout try',
  'echo "cap = 10" >> a.cfg',
  'git commit -q -a -m "A cap"',
  'git log --oneline',
  'git checkout main',
  'git branch -v',
  'git diff main try',
  'git branch -d try',
  'git merge try',
  'git merge try',
  'git branch -d try',
  'git checkout -b other HEAD~1',
  'git switch main',
  'git switch nowhere',
  'git checkout nowhere',
  'echo "changed" > a.cfg',
  'git checkout other',
  'git checkout -- a.cfg',
  'git checkout HEAD~2 -- a.cfg',
  'git status',
  'git commit -m "Back to the first"',
  'git reset --hard HEAD~1',
  'git restore --source=HEAD~2 a.cfg',
  'git status -s',
  'git restore a.cfg',
  'git tag v1',
  'git tag',
  'git log --oneline -n 2',
  'git checkout HEAD~1',
  'git checkout main',
  'git rm sub/b.cfg',
  'git commit -m "One fewer"',
  'git ls-files',
  'git cat-file -p HEAD',
  'git cat-file -t HEAD',
  'git config user.name Somebody',
  'git config user.name',
  'git commit --amend -m "One fewer, by somebody"',
  'git log -n 1',
  'git nothing',
  'cd sub 2> /dev/null; git status -s',
];

/** Copies a directory of Dom0 to the host. */
function toHost(bench: ShellBench, from: string, to: string): void {
  for (const path of bench.files.walk(from)) {
    const bytes = bench.files.read(path);
    const target = join(to, path.slice(from.length));
    nodeFs.mkdirSync(dirname(target), { recursive: true });
    if (bytes.ok) nodeFs.writeFileSync(target, bytes.value);
  }
}

let bench: ShellBench;

beforeAll(() => {
  bench = new ShellBench([gitProgram]);
  bench.run('mkdir -p /etc/xen; cd /etc/xen');
});

test.skipIf(!hasGit)('a session prints what git prints, and ends with the same commits', () => {
  nodeFs.mkdirSync(there);
  nodeFs.writeFileSync(
    join(directory, '.gitconfig'),
    '[user]\nname=root\nemail=root@domain-0\n[init]\ndefaultBranch=main\n[log]\ndecorate=short\n[diff]\nrenames=false\n',
  );
  for (const command of session) {
    const theirs = spawnSync('sh', ['-c', `{ ${command}; } 2>&1`], { cwd: there, env: environment, encoding: 'utf8' });
    const ours = bench.run(`cd /etc/xen; ${command}`);
    const expected = theirs.stdout.replaceAll(nodeFs.realpathSync(there), '/etc/xen');
    expect([command, ours.printed, ours.code]).toEqual([command, expected, theirs.status]);
  }
});

test.skipIf(!hasGit)('git finds nothing wrong with the repository, and clones its bundle', () => {
  expect(bench.run('cd /etc/xen; git bundle create /root/x.bundle --all; git bundle verify /root/x.bundle').code).toBe(
    0,
  );
  const copy = join(directory, 'copy');
  toHost(bench, '/etc/xen', copy);
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: copy, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(git('fsck', '--strict', '--no-dangling')).toBe('');
  expect(git('status', '-s')).toBe('');
  toHost(bench, '/root', directory);
  git('clone', '-q', join(directory, 'x.bundle'), join(directory, 'clone'));
  const log = (where: string): string => git('-C', where, 'log', '--oneline', '--no-decorate');
  expect(log(join(directory, 'clone'))).toBe(log(copy));
  expect(git('-C', join(directory, 'clone'), 'fsck', '--strict')).toBe('');
});

test.skipIf(!hasGit)('a bundle of git’s, with deltas, becomes a repository here', () => {
  const lines = Array.from({ length: 200 }, (_, i) => `# line ${i} of a config\n`);
  const work = join(directory, 'work');
  nodeFs.mkdirSync(work);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: work, env: environment, encoding: 'utf8' });
  git('init', '-q');
  for (let i = 0; i < 8; i++) {
    lines[i * 20] = `changed ${i}\n`;
    nodeFs.writeFileSync(join(work, 'long.cfg'), lines.join(''));
    git('add', '.');
    git('commit', '-q', '-m', `Change ${i}`);
  }
  git('gc', '-q');
  git('bundle', 'create', '-q', '../deltas.bundle', '--all', 'HEAD');
  bench.files.write('/root/deltas.bundle', new Uint8Array(nodeFs.readFileSync(join(directory, 'deltas.bundle'))));
  expect(bench.run('cd /root; git clone deltas.bundle').printed).toBe("Cloning into 'deltas'...\n");
  const log = bench.run('cd /root/deltas; git log --oneline; git status -s').printed;
  expect(log).toBe(git('log', '--oneline'));
  expect(bench.run('cat /root/deltas/long.cfg').printed).toBe(lines.join(''));

  // What git has added since is pulled, in git's words.
  nodeFs.appendFileSync(join(work, 'long.cfg'), 'more\n');
  git('commit', '-q', '-a', '-m', 'More');
  git('bundle', 'create', '-q', '../more.bundle', 'main');
  bench.files.write('/root/more.bundle', new Uint8Array(nodeFs.readFileSync(join(directory, 'more.bundle'))));
  const pulled = bench.run('cd /root/deltas; git pull /root/more.bundle main');
  git('reset', '-q', '--hard', 'HEAD~1');
  const theirs = spawnSync('git', ['pull', '--no-rebase', '../more.bundle', 'main'], {
    cwd: work,
    env: environment,
    encoding: 'utf8',
  });
  expect(pulled.printed.replaceAll('/root/', '../')).toBe(theirs.stderr + theirs.stdout);
  // Its branches come under other names, in git's words too; the second time there is nothing new.
  for (const spec of ['refs/heads/*:refs/heads/bundle/*', '+refs/heads/*:refs/heads/bundle/*', 'main:refs/heads/one']) {
    const fetched = bench.run(`cd /root/deltas; git fetch /root/more.bundle '${spec}'`);
    const real = spawnSync('git', ['fetch', '../more.bundle', spec], {
      cwd: work,
      env: environment,
      encoding: 'utf8',
    });
    expect(fetched.printed.replaceAll('/root/', '../')).toBe(real.stderr + real.stdout);
    expect(fetched.code).toBe(real.status);
  }
  expect(bench.run('cd /root/deltas; git log --oneline -n 1').printed).toContain('More');
});

test('isomorphic-git reads the repository', async () => {
  const copy = join(directory, 'iso');
  toHost(bench, '/etc/xen', copy);
  const commits = await isomorphicGit.log({ fs: nodeFs, dir: copy });
  expect(commits.map(({ commit }) => commit.message.trim()).at(-1)).toBe('First config');
  const matrix = await isomorphicGit.statusMatrix({ fs: nodeFs, dir: copy });
  expect(matrix.every(([, head, work, stage]) => head === 1 && work === 1 && stage === 1)).toBe(true);
});

test('a damaged repository is refused in words', () => {
  bench.files.write('/root/bad.bundle', 'nonsense');
  expect(bench.run('cd /root; git clone bad.bundle').printed).toBe("error: 'bad.bundle' is no bundle of Git\n");
  const bundle = bench.files.read('/root/x.bundle');
  if (!bundle.ok) throw new Error(bundle.error);
  const damaged = bundle.value.slice();
  damaged[damaged.length - 30] = (damaged[damaged.length - 30] ?? 0) ^ 1;
  bench.files.write('/root/bad.bundle', damaged);
  expect(bench.run('cd /root; git clone bad.bundle elsewhere').printed).toContain('its checksum is wrong');
  bench.run('mkdir /root/r; cd /root/r; git init; echo x > f; git add f; git commit -m one');
  for (const path of [...bench.files.walk('/root/r/.git/objects')]) bench.files.write(path, 'nonsense');
  expect(bench.run('cd /root/r; git log; git status -s; git show; git checkout -- f').code).not.toBe(null);
});
