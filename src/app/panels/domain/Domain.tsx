import type { DomainDetails } from '../../../session/api/domain-details.ts';
import type { DomainInfo } from '../../../session/api/hypervisor.ts';
import { useGuide } from '../../i18n/guide.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useChosenDomain, useDomains, usePools, useXenLab } from '../../lab/lab.ts';
import { consolePanel, editorPanel } from '../../lab/layout/panelKind.ts';
import { restartDomain } from '../../lab/xenActions.ts';
import { Empty } from '../../widgets/Empty.tsx';
import { Disks, Interfaces } from './Attached.tsx';
import { Editable } from './Editable.tsx';
import { Devices, VcpuMachine } from './Machine.tsx';
import { useDetails } from './useDetails.ts';
import { Vcpus } from './Vcpus.tsx';
import './domain.css';

/** One domain in detail: what xl knows of it and can change, and what its vCPUs did last. */
export default function Domain() {
  const t = useTranslate();
  const domain = useChosenDomain();
  return domain ? <Chosen domain={domain} /> : <Empty text={t('domain.empty')} />;
}

function Chosen({ domain }: { readonly domain: DomainInfo }) {
  const t = useTranslate();
  const g = useGuide();
  const lab = useXenLab();
  const domains = useDomains((domains) => domains);
  const details = useDetails(domain.id);
  const config = details?.config ?? null;
  return (
    <div className="domain">
      <div className="bar" role="toolbar" aria-label={t('panel.domain')}>
        <DomainSwatch domain={domain.name} />
        <select
          aria-label={t('domains.name')}
          data-takes-focus=""
          value={domain.id}
          onChange={(event) => lab.machine.domains.choose(Number(event.target.value))}
        >
          {domains.map(({ id, name }) => (
            <option key={id} value={id}>
              {id} {name}
            </option>
          ))}
        </select>
        <button type="button" className="quiet" onClick={() => lab.dock.focus(consolePanel(domain.name))}>
          {t('domains.console')}
        </button>
        {config !== null && (
          <>
            <button type="button" className="quiet" onClick={() => lab.dock.focus(editorPanel(config))}>
              {t('domain.openConfig')}
            </button>
            <button
              type="button"
              className="quiet"
              title={t('domain.restartHow')}
              onClick={() => void restartDomain(lab, domain.name)}
            >
              {t('domains.restart')}
            </button>
          </>
        )}
      </div>
      <div className="body">
        <Facts domain={domain} details={details} />
        <h2>{t('domain.vcpus')}</h2>
        <Vcpus domain={domain} />
        {details && details.devices.length > 0 && (
          <>
            <h2>{t('domain.devices')}</h2>
            <Devices devices={details.devices.filter(({ kind }) => kind !== 'disk')} />
          </>
        )}
        {domain.id > 0 && domain.shutdown === null && (
          <>
            <h2>{g('domain.disks')}</h2>
            <Disks domain={domain.name} disks={details?.devices.filter(({ kind }) => kind === 'disk') ?? []} />
            <h2>{g('domain.interfaces')}</h2>
            <Interfaces domain={domain} />
          </>
        )}
        {details?.vcpus.map((vcpu) => (
          <VcpuMachine key={`${domain.id} ${vcpu.id}`} vcpu={vcpu} isOpen={domain.shutdown === 'crash'} />
        ))}
      </div>
    </div>
  );
}

const stateWords: Readonly<Record<DomainInfo['states'][number], PlainKey>> = {
  running: 'letter.r',
  blocked: 'letter.b',
  paused: 'letter.p',
  shutdown: 'letter.s',
  dying: 'letter.d',
};

/** The parameters of credit and credit2 that xl changes: their options, and the values that they take. */
const parameters = [
  { name: 'weight', option: '-w', label: 'domain.weight', takes: 'domain.weightTakes' },
  { name: 'cap', option: '-c', label: 'domain.cap', takes: 'domain.capTakes' },
] as const;

const mib = (kib: number): string => `${Math.round(kib / 102.4) / 10} MiB`;

function Facts({ domain, details }: { readonly domain: DomainInfo; readonly details: DomainDetails | null }) {
  const t = useTranslate();
  const g = useGuide();
  const pools = usePools();
  const pool = pools.find((each) => each.id === domain.pool);
  const { id, name, states, shutdown, scheduling, memoryKib } = domain;
  const words = states.map((state) => t(stateWords[state])).join(', ') || t('letter.none');
  return (
    <>
      <dl className="facts">
        <dt>{t('domains.state')}</dt>
        <dd className={shutdown === 'crash' ? 'fault' : undefined}>
          {shutdown === null ? words : t(`shutdown.${shutdown}`)}
        </dd>
        <dt>{t('board.memory')}</dt>
        <dd>
          {details && details.maxMemoryKib > 0
            ? t('domain.memoryOf', { now: mib(memoryKib), most: mib(details.maxMemoryKib) })
            : mib(memoryKib)}
        </dd>
        {pool && (
          <>
            <dt>{g('domain.scheduler')}</dt>
            <dd>
              {pool.scheduler} <span className="muted">{g('domain.inPool', { pool: pool.name })}</span>
            </dd>
          </>
        )}
        {details && (
          <>
            {details.config !== null && (
              <>
                <dt>{t('domain.config')}</dt>
                <dd className="mono">{details.config}</dd>
              </>
            )}
            {details.kernel !== null && (
              <>
                <dt>{t('role.kernel')}</dt>
                <dd className="mono">{details.kernel}</dd>
              </>
            )}
            {details.uuid !== null && (
              <>
                <dt>UUID</dt>
                <dd className="mono">{details.uuid}</dd>
              </>
            )}
            <dt>VMID</dt>
            <dd>{details.vmid}</dd>
            <dt title={g('domain.exitsHow')}>{g('domain.exits')}</dt>
            <dd>
              {details.exits
                .filter(({ count }) => count > 0)
                .map(({ kind, count }) => `${g(`exit.${kind}`)} ${count}`)
                .join(', ') || '0'}
            </dd>
          </>
        )}
      </dl>
      {id > 0 && (
        <Editable
          label={t('domain.name')}
          value={name}
          takes={t('domain.nameTakes')}
          command={(value) => ['xl', 'rename', name, value]}
        />
      )}
      {id > 0 && (
        <Editable
          label={t('domain.memory')}
          value={String(Math.round(memoryKib / 1024))}
          takes={t('domain.memoryTakes')}
          command={(value) => ['xl', 'mem-set', name, value]}
        />
      )}
      {id > 0 && pool && pools.length > 1 && (
        <Editable
          label={t('domain.pool')}
          word="cpupool"
          value={pool.name}
          takes={pools.map((each) => `${each.name} (${each.scheduler})`).join(', ')}
          command={(value) => ['xl', 'cpupool-migrate', name, value]}
        />
      )}
      {(pool?.scheduler === 'credit' || pool?.scheduler === 'credit2') &&
        parameters.map(({ name: parameter, option, label, takes }) => (
          <Editable
            key={parameter}
            label={t(label)}
            word={parameter}
            value={String(scheduling[parameter] ?? '')}
            takes={t(takes)}
            command={(value) => ['xl', `sched-${pool.scheduler}`, '-d', name, option, value]}
          />
        ))}
    </>
  );
}
