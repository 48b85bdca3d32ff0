import type { FaultRecord, FaultSummary } from '../../../session/api/translation.ts';
import { chooseFault } from '../../lab/chosenFault.ts';
import { useDomains, useLab } from '../../lab/lab.ts';
import { editorPanel } from '../../lab/layout/panelKind.ts';
import { formatSize, formatVirtualTime } from '../../machine/text/format.ts';
import { hex } from './meanings.ts';
import { type Texts, useTexts } from './texts.ts';
import { useLooked } from './useLooked.ts';
import { WalkView } from './WalkView.tsx';

interface FaultsProps {
  readonly faults: readonly FaultSummary[];
  /** The entry of the one that is explained; null for the newest. */
  readonly chosen: number | null;
}

/** What stage 2 and the SMMU have refused, and why. */
export function Faults({ faults, chosen }: FaultsProps) {
  const x = useTexts();
  const { machine } = useLab();
  const shown = faults.find(({ entry }) => entry === chosen) ?? faults.at(-1);
  const entry = shown?.entry ?? null;
  const fault = useLooked(
    `fault ${machine.view.epoch} ${entry} ${shown?.virtualNs}`,
    async () => (entry === null ? null : machine.look('fault', { entry })),
    false,
  );
  if (faults.length === 0) return <p>{x('noFaults')}</p>;
  return (
    <>
      {fault && <Explained fault={fault} />}
      <table className="faults" aria-label={x('faultList')}>
        <thead>
          <tr>
            <th scope="col">{x('time')}</th>
            <th scope="col">{x('who')}</th>
            <th scope="col">{x('refused')}</th>
          </tr>
        </thead>
        <tbody>
          {faults.toReversed().map((one) => (
            <tr key={one.entry} aria-current={one.entry === entry || undefined}>
              <td className="figure">{formatVirtualTime(one.virtualNs)}</td>
              <td>{one.name}</td>
              <td>
                <button type="button" className="quiet" onClick={() => chooseFault(one.entry)}>
                  {x(one.access)} <span className="mono">{hex(one.address)}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Explained({ fault }: { readonly fault: FaultRecord }) {
  const x = useTexts();
  const { dock, mode } = useLab();
  const { name, access, address, virtualNs, core, pc, walk, config, cause } = fault;
  const owner = useDomains((domains) => domains.find(({ id }) => id === fault.domain)?.name);
  const line = lineOf(fault);
  return (
    <article aria-label={`${name} ${x(access)} ${hex(address)}`}>
      <h2>
        {name}: {x(access)} <span className="mono">{hex(address)}</span>
      </h2>
      <p className="muted">
        {formatVirtualTime(virtualNs)}
        {pc !== null && core !== null && ` · ${x('pc', { pc: hex(pc), core })}`}
      </p>
      <p>{causeText(x, fault, owner ?? name)}</p>
      {(line !== null || config !== null) && (
        <p>
          {line !== null && <code>{line}</code>}{' '}
          {config !== null && cause.kind !== 'nothing' && (
            <button type="button" onClick={() => dock.focus(editorPanel(config))}>
              {x('openConfig', { config })}
            </button>
          )}
        </p>
      )}
      <WalkView key={fault.entry} walk={walk} isXen={mode === 'xen'} />
    </article>
  );
}

function causeText(x: Texts, { cause }: FaultRecord, owner: string): string {
  switch (cause.kind) {
    case 'iomem':
      return x('cause.iomem', { device: cause.device });
    case 'memory':
      return x('cause.memory', { size: formatSize(cause.kib * 1024) });
    case 'right':
      return x('cause.right');
    case 'nothing':
      return x('cause.nothing');
    case 'dtdev':
      return x('cause.dtdev', { master: cause.master });
    case 'dma':
      return x('cause.dma', { name: owner });
  }
}

/** The line of a config that decides. */
function lineOf({ cause }: FaultRecord): string | null {
  if (cause.kind === 'iomem') return `iomem = [ "${hex(cause.page)},1" ]`;
  return cause.kind === 'memory' ? `memory = ${Math.floor(cause.kib / 1024)}` : null;
}
