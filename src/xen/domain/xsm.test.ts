import { expect, test } from 'vitest';
import { GrantStatus } from '../mm/grant-table.ts';
import { XenBench } from '../xen-testing.ts';
import { mapGrant } from './grant-mappings.ts';

/** What a domain without privileges gets when it maps a page of another one that has granted none, and binds no port. */
const attempt = (commandLine: string) => {
  const bench = new XenBench({ commandLine });
  const [a, b] = [bench.guest('b .'), bench.guest('b .')];
  const request = { owner: b.domainId, reference: 8, readOnly: false, gfn: 0x3_9200 };
  return {
    grant: mapGrant(bench.xen, a, request, () => true),
    port: a.events.allocateUnbound(b.domainId, a),
    boot: bench.serial.includes('Initialising XSM SILO mode'),
  };
};

test('by default domains reach Dom0 alone; with xsm=dummy, each other', () => {
  expect(attempt('')).toEqual({ grant: GrantStatus.permissionDenied, port: -1, boot: true });
  expect(attempt('xsm=silo')).toEqual(attempt(''));
  expect(attempt('xsm=dummy')).toEqual({ grant: GrantStatus.generalError, port: 1, boot: false });
  expect(attempt('xsm=flask').boot).toBe(true);
});
