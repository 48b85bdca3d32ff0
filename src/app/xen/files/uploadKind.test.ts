import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { folderOf, kindOfUpload } from './uploadKind.ts';

const guest = (path: string) => readFileSync(new URL(`../../../../guests/build/${path}`, import.meta.url));
const text = (content: string) => Buffer.from(content);

test.each([
  ['an arm64 Image', 'Image', guest('xen/hello.img'), 'kernel', '/guests'],
  ['one packed with gzip', 'vmlinuz', gzipSync(guest('xen/hello.img')), 'kernel', '/guests'],
  ['an ELF file', 'a.out', guest('hello.elf'), 'kernel', '/guests'],
  ['a config', 'mine.cfg', text('# mine\n'), 'config', '/etc/xen'],
  ['a config by its text', 'mine.conf', text('kernel = "/guests/x"\n'), 'config', '/etc/xen'],
  ['a script', 'run.sh', text('xl list\n'), 'text', '/root'],
  ['an archive', 'initrd', text('070701'), 'initrd', '/guests'],
  ['a device tree', 'x.dtb', Buffer.from([0xd0, 0x0d, 0xfe, 0xed]), 'deviceTree', '/guests'],
  ['the board’s device tree', 'board.dtb', Buffer.from([0xd0, 0x0d, 0xfe, 0xed]), 'deviceTree', '/etc/xen'],
  [
    'a disk image',
    'disk.img',
    Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa])]),
    'disk',
    '/var/lib/xen/images',
  ],
  ['zeros', 'zeros.img', Buffer.alloc(1000), 'other', '/guests'],
])('%s', async (_, name, bytes, kind, folder) => {
  const found = await kindOfUpload(new File([new Uint8Array(bytes)], name));
  expect([found, folderOf(name, found)]).toEqual([kind, folder]);
});
