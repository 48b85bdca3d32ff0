// `npm run kills -- --count 100`: a Linux domain writes to an ext4 and a FAT file system on volumes that `--disks` keeps. At
// random moments the program is stopped and the volumes are copied: they hold what they would hold if it had been killed
// then, which in the end it is. e2fsck and fsck.fat must accept each copy once the journal is replayed, and what the guest
// had synced must be there. Needs what `npm run images` fetches, e2fsprogs and dosfstools.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.mjs';
import { root, runScript, Stop } from './install.mjs';

/** Writes, renames and removes files for ever. Of each round it says that it is synced when it is. */
const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
# e2fsck takes times of deletion in 1970 for links of a damaged list.
date -s '2026-01-01 00:00'
modprobe -a xen-blkfront ext4 vfat
mkdir /a /b
while [ ! -e /dev/xvdb ]; do sleep 0.1; done
mount -t ext4 /dev/xvda /a
mount -t vfat /dev/xvdb /b
n=1
while true; do
  for at in /a /b; do
    dd if=/dev/urandom of=$at/new bs=7k count=$((n % 40)) 2>/dev/null
    mv $at/new $at/file$((n % 30))
    rm -f $at/file$(((n * 7) % 30))
    mkdir -p $at/d$((n % 5))
    echo $n > $at/d$((n % 5))/note
  done
  if [ $((n % 4)) = 0 ]; then echo $n > /a/synced; echo $n > /b/synced; sync; echo SYNCED $n; fi
  n=$((n + 1))
done
`;

const config = `name = "linux"
kernel = "/guests/linux.img"
ramdisk = "/guests/ramdisk.gz"
extra = "console=hvc0 quiet"
memory = 128
vcpus = 1
disk = [ "phy:/dev/vg/ext4,xvda,w", "phy:/dev/vg/fat,xvdb,w" ]
`;

/**
 * Runs a checker; throws with what it says unless it exits with one of the codes.
 * @param {readonly number[]} codes
 * @param {string} command
 * @param {readonly string[]} args
 */
function check(codes, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (!codes.includes(status ?? -1))
    throw new Stop(`${command} ${args.join(' ')} exits with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** @param {string} file @param {number} least */
function judge(file, least) {
  // Debian keeps them in /usr/sbin, which is in no user's PATH.
  // Replays the journal and frees what was being removed, as a mount does; it stops at any other fault.
  check([0, 1], '/usr/sbin/e2fsck', '-f', '-p', `${file}.ext4`);
  check([0], '/usr/sbin/e2fsck', '-f', '-n', `${file}.ext4`);
  const synced = Number(check([0], '/usr/sbin/debugfs', '-R', 'cat /synced', `${file}.ext4`)) || 0;
  if (synced < least) throw new Stop(`The guest had synced ${least}, and the disk has ${synced}.`);
  check([0, 1], '/usr/sbin/fsck.fat', '-a', `${file}.fat`);
  check([0], '/usr/sbin/fsck.fat', '-n', `${file}.fat`);
}

await runScript(async () => {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '20' } } });
  const count = Number(values.count);
  for (const file of ['Image', 'initrd.gz', 'modules.gz'])
    if (!existsSync(join(root, 'images', file)))
      throw new Stop(`images/${file} is missing: run \`npm run images\` first.`);
  const folder = mkdtempSync(join(tmpdir(), 'el2lab-kills-'));
  /** @param {string} path */
  const at = (path) => join(folder, path);
  for (const path of ['files/guests', 'files/root', 'disks/dev/vg']) mkdirSync(at(path), { recursive: true });
  copyFileSync(join(root, 'images/Image'), at('files/guests/linux.img'));
  const overlay = gzipSync(cpio([{ type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init) }]));
  const archives = ['initrd.gz', 'modules.gz'].map((file) => readFileSync(join(root, 'images', file)));
  writeFileSync(at('files/guests/ramdisk.gz'), Buffer.concat([...archives, overlay]));
  writeFileSync(at('files/root/linux.cfg'), config);
  const volumes = ['ext4', 'fat'].map((name) => at(`disks/dev/vg/${name}`));
  for (const volume of volumes) {
    writeFileSync(volume, '');
    truncateSync(volume, 2 ** 25);
  }
  execFileSync('/usr/sbin/mkfs.ext4', ['-q', at('disks/dev/vg/ext4')]);
  execFileSync('/usr/sbin/mkfs.fat', [at('disks/dev/vg/fat')], { stdio: 'ignore' });

  const script = 'xl create /root/linux.cfg && sleep 100000';
  const args = ['xen', '--disks', 'disks', '--files', 'files', '--console', 'linux=console.txt', '--dom0-cmd', script];
  const child = spawn(join(root, 'bin/el2lab'), args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  /** The last round that the guest has said to be synced. */
  const synced = () => {
    const shown = existsSync(at('console.txt')) ? readFileSync(at('console.txt'), 'latin1') : '';
    return Number([...shown.matchAll(/SYNCED (\d+)\r?\n/g)].at(-1)?.[1] ?? 0);
  };
  try {
    while (synced() === 0) {
      if (child.exitCode !== null) throw new Stop(`el2lab has ended:\n${said}`);
      await sleep(100);
    }
    for (let kill = 1; kill <= count; kill++) {
      await sleep(20 + Math.random() * 300);
      const least = synced();
      child.kill(kill === count ? 'SIGKILL' : 'SIGSTOP');
      await sleep(10);
      for (const volume of volumes)
        execFileSync('cp', ['--sparse=always', volume, at(`copy.${volume.split('/').at(-1)}`)]);
      if (kill < count) child.kill('SIGCONT');
      judge(at('copy'), least);
      process.stdout.write(`\r${kill} of ${count} kills, ${least} rounds synced`);
    }
    process.stdout.write(`\n${count} kills: e2fsck and fsck.fat accept what is left, and what was synced is there.\n`);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
