import type { MapRange } from '../../../session/api/translation.ts';
import { hex } from './meanings.ts';
import { useTexts } from './texts.ts';

/** At most so many ranges are drawn, the largest. */
const mostBands = 24;
const row = 18;
const width = 360;
const column = 110;

/** The addresses beside what they lead to, each in its order; the table has all figures. */
export function Bands({ ranges }: { readonly ranges: readonly MapRange[] }) {
  const x = useTexts();
  const sizeOf = ({ start, end }: MapRange): number => Number(end - start);
  const drawn = [...ranges].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, mostBands);
  const inputs = [...drawn].sort((a, b) => (a.start < b.start ? -1 : 1));
  const outputs = [...drawn].sort((a, b) => a.output - b.output);
  if (inputs.length === 0) return null;
  const right = width - column;
  return (
    <svg className="bands" viewBox={`0 0 ${width} ${inputs.length * row}`} role="img" aria-label={x('picture')}>
      {inputs.map((range, i) => {
        const to = outputs.indexOf(range);
        const [from, end] = [i * row + row / 2, to * row + row / 2];
        return (
          <g key={`${range.start}`} className={range.device ? 'is-device' : undefined}>
            <path d={`M${column} ${from} C${width / 2} ${from} ${width / 2} ${end} ${right} ${end}`} />
            <rect x={1} y={i * row + 1} width={column - 2} height={row - 2} />
            <rect x={right + 1} y={to * row + 1} width={column - 2} height={row - 2} />
            <text x={6} y={from + 4}>
              {hex(range.start)}
            </text>
            <text x={right + 6} y={end + 4}>
              {hex(range.output)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
