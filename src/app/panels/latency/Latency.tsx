import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { DomainInfo } from '../../../session/api/hypervisor.ts';
import { Term } from '../../guide/Term.tsx';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useDomains, useXen, useXenLab } from '../../lab/lab.ts';
import { typeInDom0 } from '../../lab/xenActions.ts';
import { formatSeconds } from '../../machine/text/format.ts';
import { answerNs, canAnswer, isAwake, type Measurement, type Waiting } from '../../xen/latency/latency.ts';
import { type OwnCore, wayToOwnCore } from '../../xen/latency/ownCore.ts';
import { formatMicroseconds } from '../../xen/latency/stat.ts';
import './latency.css';

/** In µs. Above this, the 1 kHz control task has missed releases, and a core of its own is worth trying. */
const worth = 1000;
/** The scale goes from 1 µs to 1 s in powers of ten. */
const decades = 6;
const percentiles = ['p50', 'p99', 'p999', 'max'] as const;
const names = { p50: 'p50', p99: 'p99', p999: 'p99.9', max: 'max' } as const;

/** How late the control tasks of RTOSes are released: what they answer on their own consoles when they are asked. */
export default function Latency() {
  const t = useTranslate();
  const { latency } = useXenLab().machine;
  const { measurements, offered } = useStore(latency.store);
  const all = useDomains((domains) => domains);
  const domains = all.filter((domain) => canAnswer(domain, offered));
  const [chosen, setChosen] = useState<string | null>(null);
  const domain = domains.find(({ name }) => name === chosen) ?? domains[0];
  if (!domain) return <p className="empty">{t('latency.empty')}</p>;
  return (
    <div className="latency">
      <div className="bar" role="toolbar" aria-label={t('panel.latency')}>
        <select
          aria-label={t('latency.domain')}
          value={domain.name}
          onChange={(event) => setChosen(event.target.value)}
        >
          {domains.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <Ask domain={domain} />
      </div>
      <Hint domain={domain} latest={measurements.findLast((measurement) => measurement.domain === domain.name)} />
      <Progress domain={domain} />
      {measurements.length === 0 ? (
        <p className="muted">{t('latency.none')}</p>
      ) : (
        <Measurements measurements={measurements} />
      )}
    </div>
  );
}

/** The buttons that ask a domain. Only one that runs can answer, and one answer is waited for at a time. */
function Ask({ domain }: { readonly domain: DomainInfo }) {
  const t = useTranslate();
  const { latency } = useXenLab().machine;
  const isBusy = useStore(latency.store, ({ waiting }) => waiting !== null);
  const isOff = isBusy || !isAwake(domain);
  const ask = (action: () => Promise<void>) => () => {
    if (!isOff) void action();
  };
  return (
    <>
      <button
        type="button"
        aria-disabled={isOff}
        title={t('latency.measureHow')}
        onClick={ask(() => latency.measure(domain.name))}
      >
        {t('latency.measure')}
      </button>
      <button
        type="button"
        className="quiet"
        aria-disabled={isOff}
        title={t('latency.againHow')}
        onClick={ask(() => latency.measureAnew(domain.name))}
      >
        {t('latency.again')}
      </button>
    </>
  );
}

/** What is waited for, or why there is no answer. */
function Progress({ domain }: { readonly domain: DomainInfo }) {
  const t = useTranslate();
  const { waiting, failed } = useStore(useXenLab().machine.latency.store);
  if (waiting) return <Wait waiting={waiting} />;
  if (failed?.domain === domain.name) {
    const limit = answerNs / 1e9;
    return (
      <p role="alert">
        {failed.why === 'gone'
          ? t('latency.gone', { domain: domain.name })
          : t('latency.silent', { domain: domain.name, limit })}
      </p>
    );
  }
  return isAwake(domain) ? null : <p role="status">{t('latency.asleep', { domain: domain.name })}</p>;
}

function Wait({ waiting: { domain, what, from, until } }: { readonly waiting: Waiting }) {
  const t = useTranslate();
  const tenths = useXen(({ status }) => Math.floor(((status?.virtualNs ?? from) - from) / 1e8));
  const isStopped = useXen(({ status }) => status?.state === 'paused');
  const limit = (until - from) / 1e9;
  const seconds = Math.min(tenths / 10, limit);
  const label = t(what === 'answer' ? 'latency.waiting' : 'latency.collecting', { domain });
  return (
    <p>
      <span role="status">{label}</span> <progress aria-label={label} max={limit} value={seconds} />{' '}
      <span className="figure">{t('latency.waited', { seconds: seconds.toFixed(1), limit })}</span>
      {isStopped && ` ${t('latency.stopped')}`}
    </p>
  );
}

interface HintProps {
  readonly domain: DomainInfo;
  readonly latest: Measurement | undefined;
}

/** The worst latency; while it is bad, the commands that give the domain a core of its own, one after the other. */
function Hint({ domain, latest }: HintProps) {
  const t = useTranslate();
  const lab = useXenLab();
  const { latency, shares } = lab.machine;
  const cpus = useXen((view) => view.status?.machine.cpus ?? 0);
  const domains = useDomains((domains) => domains);
  const way = wayToOwnCore(domain.name, { domains, shares: shares.store.getState().shares, cpus });
  const isBad = latest !== undefined && latest.max >= worth;
  const total = useSteps(domain.name, isBad ? way : null);
  if (!latest) return null;
  const worst = t('latency.worst', { domain: domain.name, time: formatMicroseconds(latest.max) });
  const [command] = way?.steps ?? [];
  if (!way || (!isBad && command !== undefined)) return <p>{worst}</p>;
  if (command === undefined)
    return (
      <p>
        {worst} {t('latency.own', { core: way.core })}{' '}
        {isBad && (
          <button type="button" className="command" onClick={() => void latency.measureAnew(domain.name)}>
            {t('latency.again')}
          </button>
        )}
      </p>
    );
  return (
    <p>
      {worst} {total === 1 ? t('latency.hint') : t('latency.step', { step: total - way.steps.length + 1, total })}{' '}
      <button
        type="button"
        className="command"
        title={t('latency.types')}
        onClick={() => void typeInDom0(lab, command)}
      >
        {command}
      </button>
    </p>
  );
}

/** How many steps a domain's way had when it was first shown, or has, if it has become longer. */
function useSteps(domain: string, way: OwnCore | null): number {
  const known = useRef(new Map<string, number>());
  const total = way ? Math.max(known.current.get(domain) ?? 0, way.steps.length) : 0;
  known.current.set(domain, total);
  return total;
}

function Measurements({ measurements }: { readonly measurements: readonly Measurement[] }) {
  const t = useTranslate();
  return (
    <div className="measurements figures">
      <table aria-label={t('latency.table')}>
        <thead>
          <tr>
            <th scope="col">{t('latency.at')}</th>
            <th scope="col">{t('domains.name')}</th>
            {percentiles.map((p) => (
              <th key={p} scope="col">
                {p === 'p50' || p === 'p99' ? <Term word="percentile">{names[p]}</Term> : names[p]}
              </th>
            ))}
            <th scope="col">{t('latency.missed')}</th>
            <th scope="col">
              <span title={t('latency.scaleHow')}>{t('latency.scale')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {measurements.toReversed().map((measurement) => (
            <tr key={measurement.at}>
              <td className="figure">{formatSeconds(measurement.at)}</td>
              <td>
                <span className="domain-name">
                  <DomainSwatch domain={measurement.domain} />
                  {measurement.domain}
                </span>
              </td>
              {percentiles.map((p) => (
                <td key={p} className="figure">
                  {formatMicroseconds(measurement[p])}
                </td>
              ))}
              <td className="figure">
                {measurement.missed}/{measurement.releases}
              </td>
              <td>
                <Scale measurement={measurement} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The percentiles as marks on a scale of powers of ten. */
function Scale({ measurement }: { readonly measurement: Measurement }) {
  const place = (us: number): number => Math.min(1, Math.max(0, Math.log10(Math.max(us, 1)) / decades)) * 100;
  return (
    <svg className="scale" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
      {Array.from({ length: decades + 1 }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of the scale is its number
        <path key={n} className="decade" d={`M${(n / decades) * 100} 0V12`} />
      ))}
      <path className="span" d={`M${place(measurement.p50)} 6H${place(measurement.max)}`} />
      {percentiles.map((p) => (
        <path key={p} className={p === 'max' ? 'mark max' : 'mark'} d={`M${place(measurement[p])} 2V10`} />
      ))}
    </svg>
  );
}
