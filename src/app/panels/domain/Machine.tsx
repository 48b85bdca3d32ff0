import type { DomainDetails, DomainDevice, VcpuDetails, VcpuExit } from '../../../session/api/domain-details.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { hex64 } from '../../machine/text/format.ts';
import { describePstate } from '../../machine/text/pstate.ts';
import { describeSyndrome, hasAddress } from '../../machine/text/syndrome.ts';
import { RegisterTable } from '../../widgets/RegisterTable.tsx';

const kinds: Readonly<Record<DomainDevice['kind'], PlainKey>> = {
  console: 'device.console',
  vuart: 'device.vuart',
  iomem: 'device.iomem',
  irq: 'device.irq',
  'device-tree': 'device.deviceTree',
  disk: 'device.disk',
  other: 'device.other',
};

/** What the domain has besides processors and memory. */
export function Devices({ devices }: Pick<DomainDetails, 'devices'>) {
  const t = useTranslate();
  return (
    <dl className="facts">
      {devices.map(({ kind, text }) => (
        <div key={`${kind} ${text}`}>
          <dt>{t(kinds[kind])}</dt>
          <dd className="mono">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How a vCPU last left for Xen, what its own vector was last entered for, and its registers. */
export function VcpuMachine({ vcpu, isOpen }: { readonly vcpu: VcpuDetails; readonly isOpen: boolean }) {
  const t = useTranslate();
  const { id, exit, registers } = vcpu;
  const system = new Map(registers.system.map(({ name, value }) => [name, value]));
  const own = Number(BigInt.asUintN(32, system.get('ESR_EL1') ?? 0n));
  const rows = [
    { name: 'PC', value: hex64(registers.pc) },
    { name: 'PSTATE', value: describePstate(registers.pstate, registers.el) },
    ...registers.x.map((value, n) => ({ name: `X${n}`, value: hex64(value) })),
    ...registers.system.map(({ name, value }) => ({ name, value: hex64(value) })),
  ];
  return (
    <section>
      <h2>{t('domain.lastExit', { vcpu: id })}</h2>
      {exit ? <Exit exit={exit} /> : <p className="muted">{t('domain.noExit')}</p>}
      {own !== 0 && (
        <dl className="facts">
          <dt>{t('domain.ownException')}</dt>
          <dd>{describeSyndrome(own, t)}</dd>
          <dt>{t('domain.exitPc')}</dt>
          <dd className="mono">{hex64(system.get('ELR_EL1') ?? 0n)}</dd>
          {hasAddress(own) && (
            <>
              <dt>{t('domain.address')}</dt>
              <dd className="mono">{hex64(system.get('FAR_EL1') ?? 0n)}</dd>
            </>
          )}
        </dl>
      )}
      <details open={isOpen}>
        <summary>
          {registers.core === null
            ? t('domain.savedRegisters', { vcpu: id })
            : t('domain.coreRegisters', { vcpu: id, pcpu: registers.core })}
        </summary>
        <RegisterTable label={t('domain.registersOf', { vcpu: id })} rows={rows} />
      </details>
    </section>
  );
}

function Exit({ exit }: { readonly exit: VcpuExit }) {
  const t = useTranslate();
  const { syndrome, pc, address, ipa, hypercall } = exit;
  return (
    <dl className="facts">
      <dt>{t('domain.reason')}</dt>
      <dd>
        {hypercall === null ? describeSyndrome(syndrome, t) : t('domain.hypercall', { name: hypercall })}{' '}
        <span className="mono muted">ESR {syndrome.toString(16).padStart(8, '0')}</span>
      </dd>
      <dt>{t('domain.exitPc')}</dt>
      <dd className="mono">{hex64(pc)}</dd>
      {hasAddress(syndrome) && (
        <>
          <dt>{t('domain.address')}</dt>
          <dd className="mono">{hex64(address)}</dd>
          <dt>{t('domain.ipa')}</dt>
          <dd className="mono">{hex64(ipa)}</dd>
        </>
      )}
    </dl>
  );
}
