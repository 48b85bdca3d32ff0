import type { AddressMap, MapRange } from '../../../session/api/translation.ts';
import { formatSize } from '../../machine/text/format.ts';
import { Bands } from './Bands.tsx';
import { hex, p2mTypes } from './meanings.ts';
import { formatPiece } from './pieces.ts';
import { type Texts, useTexts } from './texts.ts';

interface MapProps {
  readonly map: AddressMap;
  /** Goes to the walk of an address. */
  readonly walkTo: (address: bigint) => void;
}

/** What an address space maps where. */
export function MapView({ map, walkTo }: MapProps) {
  const x = useTexts();
  const { ranges, isOff, isCut, emulated, shared } = map;
  if (isOff) return <p>{x('isOff')}</p>;
  const rows = [
    ...ranges.map((range) => ({ start: range.start, range, name: '' })),
    ...emulated.map(({ base, name }) => ({ start: BigInt(base), range: null, name })),
  ].sort((a, b) => (a.start < b.start ? -1 : 1));
  if (rows.length === 0) return <p>{x('nothingMapped')}</p>;
  return (
    <div className="map">
      <Bands ranges={ranges} />
      <table aria-label={x('ranges')}>
        <thead>
          <tr>
            <th scope="col">{x('from')}</th>
            <th scope="col">{x('output')}</th>
            <th scope="col" className="figure">
              {x('size')}
            </th>
            <th scope="col" title={x('may0How')}>
              {x('may0')}
            </th>
            <th scope="col">{x('what')}</th>
            <th scope="col">{x('pieces')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ start, range, name }) => (
            <tr key={`${start}`} className={range ? undefined : 'muted'}>
              <th scope="row">
                <button
                  type="button"
                  className="quiet mono"
                  aria-label={x('walkTo', { address: hex(start) })}
                  onClick={() => walkTo(start)}
                >
                  {hex(start)}
                </button>
              </th>
              <td className="mono">{range && hex(range.output)}</td>
              <td className="figure">{range && formatSize(Number(range.end - range.start))}</td>
              <td className="mono">{range && mayOf(range)}</td>
              <td>{range ? whatOf(x, range) : x('emulated', { name })}</td>
              <td>{range?.pieces.map(({ sizeLog2, count }) => `${count} × ${formatPiece(sizeLog2)}`).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {isCut && <p>{x('cut')}</p>}
      {shared.length > 0 && (
        <>
          <h2>{x('shared')}</h2>
          <ul>
            {shared.map(({ gfn, isOwn, other, reference, readOnly }) => (
              <li key={`${gfn} ${other} ${reference} ${isOwn}`}>
                <button
                  type="button"
                  className="quiet mono"
                  aria-label={x('walkTo', { address: hex(gfn * 4096) })}
                  onClick={() => walkTo(BigInt(gfn) * 4096n)}
                >
                  {hex(gfn * 4096)}
                </button>{' '}
                {x(isOwn ? 'sharedOwn' : 'sharedOther', { domain: other, reference })}
                {readOnly && `, ${x('readOnly')}`}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

const mayOf = ({ readable, writable, executable, el0 }: MapRange): string => {
  const own = `${readable ? 'r' : '-'}${writable ? 'w' : '-'}${executable ? 'x' : '-'}`;
  return el0 === null ? own : `${own}/${el0}`;
};

/** At most so many devices are named in a row. */
const mostNames = 4;

function whatOf(x: Texts, { kind, device, devices }: MapRange): string {
  const type = kind === null ? x(device ? 'device' : 'normal') : (p2mTypes[kind] ?? String(kind));
  const names = devices.slice(0, mostNames).join(', ');
  return [type, names, devices.length > mostNames ? '…' : ''].filter((part) => part !== '').join(' ');
}
