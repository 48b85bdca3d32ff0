import { useState } from 'react';
import { useStore } from 'zustand';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useDomains, useXen, useXenLab } from '../../lab/lab.ts';
import { typeInDom0 } from '../../lab/xenActions.ts';
import { formatSeconds } from '../../machine/format.ts';
import type { Measurement } from '../../xen/latency.ts';
import { nextStep } from '../../xen/nextStep.ts';
import { formatMicroseconds } from '../../xen/stat.ts';
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
  // As one string, so that only a change of names is drawn.
  const guests = useDomains((domains) => domains.flatMap(({ id, name }) => (id > 0 ? [name] : [])).join('\n'));
  const { measurements, measuring, silent } = useStore(latency.store);
  const [chosen, setChosen] = useState<string | null>(null);
  const domains = guests === '' ? [] : guests.split('\n');
  const domain = domains.find((name) => name === chosen) ?? domains[0] ?? null;
  const latest = measurements.findLast((measurement) => measurement.domain === domain);
  if (domain === null) return <p className="empty">{t('latency.empty')}</p>;
  return (
    <div className="latency">
      <div className="bar" role="toolbar" aria-label={t('panel.latency')}>
        <select aria-label={t('latency.domain')} value={domain} onChange={(event) => setChosen(event.target.value)}>
          {domains.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <button
          type="button"
          aria-disabled={measuring !== null}
          title={t('latency.measureHow')}
          onClick={() => void latency.measure(domain)}
        >
          {t('latency.measure')}
        </button>
        <button
          type="button"
          className="quiet"
          title={t('latency.againHow')}
          onClick={() => void latency.reset(domain)}
        >
          {t('latency.again')}
        </button>
      </div>
      <Hint latest={latest} />
      {silent === domain && <p role="alert">{t('latency.silent', { domain })}</p>}
      {measurements.length === 0 ? (
        <p className="muted">{t('latency.none')}</p>
      ) : (
        <Measurements measurements={measurements} />
      )}
    </div>
  );
}

/** The worst latency, and a command that improves it while it is bad. */
function Hint({ latest }: { readonly latest: Measurement | undefined }) {
  const t = useTranslate();
  const lab = useXenLab();
  const domain = latest?.domain ?? '';
  const cpus = useXen((view) => view.status?.machine.cpus ?? 0);
  const domains = useDomains((domains) => domains);
  const command = useStore(lab.machine.shares.store, ({ shares }) => nextStep(domain, { domains, shares, cpus }));
  if (!latest) return null;
  const figures = { domain, time: formatMicroseconds(latest.max) };
  if (latest.max < worth || command === null) return <p>{t('latency.worst', figures)}</p>;
  return (
    <p>
      {t('latency.worst', figures)} {t('latency.hint')}{' '}
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
                {names[p]}
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
