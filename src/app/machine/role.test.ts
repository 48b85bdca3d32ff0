import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { cpio } from '../../../scripts/cpio.mjs';
import { roleOf } from './role.ts';

const image = readFileSync(new URL('../../../guests/build/hello.img', import.meta.url));
const archive = cpio([{ type: 'file', path: 'init', bytes: Buffer.from('#!/bin/sh') }]);
const tree = Buffer.from([0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, 72]);

test.each([
  ['an arm64 Image', image, 'kernel'],
  ['one packed with gzip', gzipSync(image), 'kernel'],
  ['an archive', archive, 'initrd'],
  ['one packed with gzip', gzipSync(archive), 'initrd'],
  ['one packed with zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'initrd'],
  ['a device tree', tree, 'deviceTree'],
  ['damaged gzip, for the loader to say so', Buffer.from([0x1f, 0x8b, 8, 0, 1]), 'kernel'],
  ['the image of a card', Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa])]), 'card'],
  ['nothing', Buffer.alloc(0), 'kernel'],
])('%s (%#)', async (_, bytes, role) => {
  expect(await roleOf(new Blob([new Uint8Array(bytes)]))).toBe(role);
});
