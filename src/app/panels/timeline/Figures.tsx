import type { TraceFigures, TraceWait } from '../../../session/api/trace.ts';
import { formatDuration, formatMoment } from './span.ts';
import { useTexts } from './texts.ts';
import type { Known } from './words.ts';

const idOf = ({ domain, vcpu }: { readonly domain: number; readonly vcpu: number }): number => domain * 0x1_0000 + vcpu;

/** A selection in figures. */
export function Figures({ figures, known }: { readonly figures: TraceFigures; readonly known: Known }) {
  const x = useTexts();
  const { from, to, vcpus, cores } = figures;
  const span = Math.max(1, to - from);
  const share = (time: number): string => `${((time / span) * 100).toFixed(1)} %`;
  return (
    <div className="figures table-scroll">
      <table>
        <caption>
          {x('figures', { from: formatMoment(from), to: formatMoment(to), length: formatDuration(to - from) })}
        </caption>
        <thead>
          <tr>
            <th scope="col">{x('vcpu')}</th>
            {(['share', 'time', 'slices', 'waitsNumber', 'waitMean', 'waitMax'] as const).map((key) => (
              <th key={key} scope="col" className="figure">
                {x(key)}
              </th>
            ))}
            <th scope="col">{x('exits')}</th>
          </tr>
        </thead>
        <tbody>
          {vcpus.map((one) => (
            <tr key={idOf(one)}>
              <th scope="row">{known.vcpuName(idOf(one))}</th>
              <td className="figure">{share(one.ran)}</td>
              <td className="figure">{formatDuration(one.ran)}</td>
              <td className="figure">{one.slices}</td>
              <td className="figure">{one.waits}</td>
              <td className="figure">{one.waits > 0 ? formatDuration(one.waited / one.waits) : ''}</td>
              <td className="figure">{one.waits > 0 ? formatDuration(one.longestWait) : ''}</td>
              <td>
                {Object.entries(one.exits)
                  .sort((a, b) => b[1] - a[1])
                  .map(([name, count]) => `${name} ${count}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
          {cores.map(({ core, busy, xen }) => (
            <tr key={core}>
              <th scope="row">{known.isBoard ? x('core', { core }) : x('ofXen', { core: `pCPU${core}` })}</th>
              <td className="figure">{share(known.isBoard ? busy : xen)}</td>
              <td className="figure">{formatDuration(known.isBoard ? busy : xen)}</td>
              <td colSpan={5} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Priorities of the credit scheduler (Xen, common/sched/credit.c: CSCHED_PRI_*). */
const priorities = new Map([
  [0, 'boost'],
  [-1, 'under'],
  [-2, 'over'],
] as const);

/** So long a neighbour may run, at least, before it can be interrupted by the credit scheduler; with some room. */
const rateLimit = 1.5e6;

/** Why a vCPU has waited, and who ran instead. */
export function Wait({
  wait,
  known,
  scheduler,
}: {
  readonly wait: TraceWait;
  readonly known: Known;
  readonly scheduler: string;
}) {
  const x = useTexts();
  const name = known.vcpuName(idOf(wait));
  const [most] = wait.ran;
  const other = most ? known.vcpuName(idOf(most)) : 'Xen';
  const priority = (value: number | null | undefined): string => {
    const word = priorities.get((value ?? Number.NaN) as 0 | -1 | -2);
    return word ? x(word) : x('unknown');
  };
  const longest = most?.longest ?? 0;
  return (
    <section className="wait" aria-label={x('longest')}>
      <h3>{x('waitTitle', { name, length: formatDuration(wait.end - wait.start), core: wait.core })}</h3>
      <p>
        {x('waitAt', { from: formatMoment(wait.start), to: formatMoment(wait.end) })}{' '}
        {x(`why.${wait.cause}`, { other })} {wait.lasts && x('stillWaits')}
      </p>
      <ul>
        {wait.ran.map((each) => (
          <li key={idOf(each)}>
            {x('whyRan', {
              other: known.vcpuName(idOf(each)),
              ran: formatDuration(each.ran),
              slices: each.slices,
              longest: formatDuration(each.longest),
            })}
          </li>
        ))}
      </ul>
      <p>
        {scheduler === 'credit' && `${longest > rateLimit ? x('whySlice') : x('whyRateLimit')} `}
        {scheduler === 'credit' &&
          most &&
          wait.priority !== null &&
          most.priority !== null &&
          x('priorities', { name, own: priority(wait.priority), other, others: priority(most.priority) })}
        {scheduler === 'credit2' && x('whyCredit2')}
        {scheduler === 'rtds' && x('whyRtds')}
      </p>
    </section>
  );
}
