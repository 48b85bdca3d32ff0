import type { DomainInfo, VcpuInfo, VcpuState } from '../../../session/api/hypervisor.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useXen } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/text/format.ts';
import { Editable } from './Editable.tsx';

const states: Readonly<Record<VcpuState, PlainKey>> = {
  running: 'vcpu.running',
  runnable: 'vcpu.runnable',
  blocked: 'vcpu.blocked',
  offline: 'vcpu.offline',
};

/** A domain's vCPUs: where they run, and where they may. */
export function Vcpus({ domain }: { readonly domain: DomainInfo }) {
  const t = useTranslate();
  return (
    <div className="figures">
      <table aria-label={t('domain.vcpus')}>
        <thead>
          <tr>
            <th scope="col">{t('domain.vcpu')}</th>
            <th scope="col">{t('domains.state')}</th>
            <th scope="col">{t('domain.pcpu')}</th>
            <th scope="col">{t('domain.time')}</th>
            <th scope="col">{t('domain.hardAffinity')}</th>
          </tr>
        </thead>
        <tbody>
          {domain.vcpus.map((vcpu) => (
            <Vcpu key={vcpu.id} domain={domain.name} vcpu={vcpu} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Vcpu({ domain, vcpu }: { readonly domain: string; readonly vcpu: VcpuInfo }) {
  const t = useTranslate();
  const cpus = useXen((view) => view.status?.machine.cpus ?? 0);
  const { id, state, pcpu, time, hardAffinity } = vcpu;
  return (
    <tr>
      <th scope="row" className="figure">
        {id}
      </th>
      <td>{t(states[state])}</td>
      <td className="figure">{pcpu ?? '–'}</td>
      <td className="figure">{formatSeconds(time)}</td>
      <td>
        <Editable
          label={t('domain.affinityOf', { vcpu: id })}
          isLabelHidden
          value={formatCpus(hardAffinity, cpus)}
          takes={t('domain.affinityTakes')}
          command={(value) => ['xl', 'vcpu-pin', domain, String(id), value]}
        />
      </td>
    </tr>
  );
}

/** A set of pCPUs as xl takes it: `all`, `2`, `0-1,3`. */
function formatCpus(set: readonly number[], cpus: number): string {
  if (set.length === cpus) return 'all';
  const ranges: [first: number, last: number][] = [];
  for (const cpu of set) {
    const range = ranges.at(-1);
    if (range && range[1] === cpu - 1) range[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
