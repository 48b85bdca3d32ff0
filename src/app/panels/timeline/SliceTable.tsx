import { type Item, itemAt } from './lanes.ts';
import type { Shown } from './live.ts';
import { formatDuration, formatMoment, type Span } from './span.ts';
import { useTexts } from './texts.ts';
import { describe, type Known, laneName } from './words.ts';

const most = 300;

interface TableProps {
  readonly shown: Shown;
  readonly area: Span | null;
  readonly known: Known;
}

/** The slices of the selection, or of what is shown, as a table. */
export function SliceTable({ shown, area, known }: TableProps) {
  const x = useTexts();
  const { from, to } = area ?? shown.span;
  const rows = shown.lanes.flatMap((drawn) =>
    [...drawn.lane.slices.start].flatMap((start, i): { readonly name: string; readonly item: Item }[] =>
      start < to && (drawn.lane.slices.end[i] ?? 0) > from
        ? [{ name: laneName(x, drawn, known), item: itemAt({ ...drawn.lane, xen: null, marks: {} }, start, 0) }]
        : [],
    ),
  );
  rows.sort((a, b) => a.item.start - b.item.start);
  if (rows.length === 0) return <p>{x('noSlices')}</p>;
  return (
    <table className="figures">
      <caption>
        {x('tableTitle', { from: formatMoment(from), to: formatMoment(to) })}{' '}
        {rows.length > most && x('shownOnly', { count: most })}
      </caption>
      <thead>
        <tr>
          <th scope="col" className="figure">
            {x('from')}
          </th>
          <th scope="col">{x('lane')}</th>
          <th scope="col" className="figure">
            {x('length')}
          </th>
          <th scope="col">{x('what')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, most).map(({ name, item }) => (
          <tr key={`${name} ${item.start}`}>
            <td className="figure">{formatMoment(item.start)}</td>
            <th scope="row">{name}</th>
            <td className="figure">{formatDuration(item.end - item.start)}</td>
            <td>{describe(x, item, known)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
