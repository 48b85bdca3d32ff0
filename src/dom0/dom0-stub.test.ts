import { expect, test } from 'vitest';
import { assemble } from '../a64/assembler/assemble.ts';
import { gicCpuInterface, gicDistributor } from '../xen/domain/guest-layout.ts';
import { controlTag } from '../xen/hypercall/index.ts';
import { dom0Image, dom0Stub } from './dom0-stub.ts';

test('the words are those of the text beside them, for the current platform', () => {
  const source = dom0Stub.map(([, text]) => text).join('\n');
  const assembly = assemble(source);
  expect(assembly.ok && [...assembly.value.bytes]).toEqual([...dom0Image()]);
  expect(source).toContain(`hvc #0x${controlTag.toString(16)} `);
  for (const { base } of [gicDistributor, gicCpuInterface])
    expect(source).toContain(`.word 0x${base.toString(16).padStart(8, '0')}`);
});
