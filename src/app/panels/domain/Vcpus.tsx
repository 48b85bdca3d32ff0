import type { DomainInfo, VcpuInfo, VcpuState } from '../../../session/api/hypervisor.ts';
import { useGuide } from '../../i18n/guide.ts';
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

/** RTDS gives each vCPU a budget in each period; xl takes all of its parameters or none. */
const rtdsParameters = [
  { name: 'period', option: '-p', label: 'domain.period', takes: 'domain.microseconds' },
  { name: 'budget', option: '-b', label: 'domain.budget', takes: 'domain.microseconds' },
  { name: 'extratime', option: '-e', label: 'domain.extratime', takes: 'domain.extratimeTakes' },
] as const;

const isRtds = (vcpu: VcpuInfo | undefined): boolean => vcpu?.scheduling.period !== undefined;

const rtdsOptions = ({ scheduling }: VcpuInfo, changed: string, value: string): string[] =>
  rtdsParameters.flatMap(({ name, option }) => [option, name === changed ? value : String(scheduling[name] ?? '')]);

/** A domain's vCPUs: where they run, and where they may. */
export function Vcpus({ domain }: { readonly domain: DomainInfo }) {
  const t = useTranslate();
  const g = useGuide();
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
            {domain.vcpus[0]?.credit !== undefined && (
              <th scope="col" title={g('domain.creditHow')}>
                {g('domain.credit')}
              </th>
            )}
            {isRtds(domain.vcpus[0]) &&
              rtdsParameters.map(({ name, label }) => (
                <th key={name} scope="col">
                  {g(label)}
                </th>
              ))}
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
  const g = useGuide();
  const cpus = useXen((view) => view.status?.machine.cpus ?? 0);
  const { id, state, pcpu, time, hardAffinity, credit } = vcpu;
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
      {credit !== undefined && <td className="figure">{credit}</td>}
      {isRtds(vcpu) &&
        rtdsParameters.map(({ name, label, takes }) => (
          <td key={name}>
            <Editable
              label={g('domain.parameterOf', { parameter: g(label), vcpu: id })}
              isLabelHidden
              value={String(vcpu.scheduling[name] ?? '')}
              takes={g(takes)}
              command={(value) => [
                'xl',
                'sched-rtds',
                '-d',
                domain,
                '-v',
                String(id),
                ...rtdsOptions(vcpu, name, value),
              ]}
            />
          </td>
        ))}
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
