import { useState } from 'react';
import type { AddressSpaceOf, WalkAccess } from '../../../session/api/translation.ts';
import { chooseFault, useChosenFault } from '../../lab/chosenFault.ts';
import { useDomains, useLab, useMachine } from '../../lab/lab.ts';
import { Empty } from '../../widgets/Empty.tsx';
import { Faults } from './Faults.tsx';
import { MapView } from './MapView.tsx';
import { hex } from './meanings.ts';
import { useTexts } from './texts.ts';
import { useLooked } from './useLooked.ts';
import { WalkView } from './WalkView.tsx';
import './translation.css';

type Kind = AddressSpaceOf['kind'];
type View = 'walk' | 'map' | 'faults';

const views: readonly View[] = ['walk', 'map', 'faults'];

const accesses: readonly WalkAccess[] = ['read', 'write', 'execute'];

/** How any address is translated, and what an address space maps. */
export default function Translation() {
  const x = useTexts();
  const { machine, mode } = useLab();
  const state = useMachine((view) => view.status?.state ?? 'empty');
  const cores = useMachine((view) => view.status?.machine.cpus ?? 1);
  const domains = useDomains((list) => list);
  const masters = useLooked('masters', () => machine.look('masters'), false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [el, setEl] = useState<0 | 1 | 2>(1);
  const [text, setText] = useState<string | null>(null);
  const [access, setAccess] = useState<WalkAccess>('read');
  const [view, setView] = useState<View>('walk');
  const fault = useChosenFault();
  const [shownFault, setShownFault] = useState<number | null>(null);
  // Whoever has chosen one wants to see it.
  if (fault !== shownFault) {
    setShownFault(fault);
    if (fault !== null) setView('faults');
  }
  const logEnd = useMachine((machineView) => machineView.status?.logEnd ?? 0);
  const faults = useLooked(`faults ${logEnd}`, () => machine.look('faults'), false);
  const [known, setKnown] = useState(faults);
  if (faults && faults !== known) setKnown(faults);

  const guests = mode === 'xen' ? domains : [];
  const first = guests.find(({ id }) => id > 0) ?? guests[0];
  const name = chosen ?? (first ? `domain ${first.id}` : 'core 0');
  const of = spaceOf(name, el);
  const typed = text ?? ((of.kind === 'domain' || of.kind === 'vcpu') && of.domain > 0 ? '40000000' : '0');
  const address = addressIn(typed);
  const question = JSON.stringify([of, typed, access]);
  const walk = useLooked(
    `walk ${view} ${question}`,
    async () => (view !== 'walk' || address === null ? null : machine.look('walk', { of, address, access })),
    view === 'walk',
  );
  const map = useLooked(
    `map ${JSON.stringify(of)} ${view}`,
    async () => (view !== 'map' || of.kind === 'stream' ? null : machine.look('addressMap', { of })),
    view === 'map',
  );
  if (state === 'empty') return <Empty text={x('empty')} />;

  return (
    <div className="translation">
      <form className="bar" aria-label={x('of')} onSubmit={(event) => event.preventDefault()}>
        <select
          aria-label={x('of')}
          data-takes-focus=""
          value={name}
          onChange={(event) => setChosen(event.target.value)}
        >
          {guests.length > 0 && (
            <>
              <optgroup label={x('guests')}>
                {guests.map(({ id, name: domain }) => (
                  <option key={id} value={`domain ${id}`}>
                    {domain} · IPA
                  </option>
                ))}
              </optgroup>
              <optgroup label={x('vcpus')}>
                {guests.flatMap(({ id, name: domain, vcpus }) =>
                  vcpus.map((vcpu) => (
                    <option key={`${id} ${vcpu.id}`} value={`vcpu ${id} ${vcpu.id}`}>
                      {domain} · vCPU {vcpu.id}
                    </option>
                  )),
                )}
              </optgroup>
            </>
          )}
          <optgroup label={x('cores')}>
            {Array.from({ length: cores }, (_, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a core is its number
              <option key={n} value={`core ${n}`}>
                {x('core', { core: n })}
              </option>
            ))}
          </optgroup>
          <optgroup label={x('masters')}>
            {masters?.map((master) => (
              <option key={master.stream} value={`stream ${master.stream}`}>
                {master.name} · {hex(master.stream)}
              </option>
            ))}
          </optgroup>
        </select>
        {(of.kind === 'core' || of.kind === 'vcpu') && (
          <select aria-label={x('level')} value={of.el} onChange={(event) => setEl(levelOf(event.target.value))}>
            {(of.kind === 'core' ? [0, 1, 2] : [0, 1]).map((level) => (
              <option key={level} value={level}>
                EL{level}
              </option>
            ))}
          </select>
        )}
        <input
          className="mono"
          aria-label={x('address')}
          aria-invalid={address === null}
          spellCheck={false}
          value={typed}
          size={18}
          onChange={(event) => {
            setText(event.target.value);
            setView('walk');
          }}
        />
        <select
          aria-label={x('access')}
          value={access}
          onChange={(event) => setAccess(accesses.find((one) => one === event.target.value) ?? 'read')}
        >
          {accesses.map((one) => (
            <option key={one} value={one}>
              {x(one)}
            </option>
          ))}
        </select>
        <fieldset className="views" aria-label={x('views')}>
          {views.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={view === one}
              disabled={one === 'map' && of.kind === 'stream'}
              onClick={() => {
                if (one !== 'faults') chooseFault(null);
                setView(one);
              }}
            >
              {one === 'faults' ? x('faults', { count: known?.length ?? 0 }) : x(one)}
            </button>
          ))}
        </fieldset>
      </form>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="body" aria-label={x(view === 'faults' ? 'faultList' : view)} tabIndex={0}>
        {view === 'walk' && address === null && <p className="fault">{x('notAddress')}</p>}
        {view === 'walk' && address !== null && walk && <WalkView key={question} walk={walk} isXen={mode === 'xen'} />}
        {view === 'faults' && <Faults faults={known ?? []} chosen={fault} />}
        {view === 'map' && map && (
          <MapView
            map={map}
            walkTo={(to) => {
              setText(to.toString(16));
              setView('walk');
            }}
          />
        )}
      </section>
    </div>
  );
}

const levelOf = (text: string): 0 | 1 | 2 => (text === '0' ? 0 : text === '2' ? 2 : 1);

/** Reads `domain 1`, `vcpu 1 0`, `core 2` or `stream 5352`. */
function spaceOf(name: string, el: 0 | 1 | 2): AddressSpaceOf {
  const [kind, ...numbers] = name.split(' ');
  const [a = 0, b = 0] = numbers.map(Number);
  switch (kind as Kind) {
    case 'domain':
      return { kind: 'domain', domain: a };
    case 'vcpu':
      return { kind: 'vcpu', domain: a, vcpu: b, el: el === 2 ? 1 : el };
    case 'core':
      return { kind: 'core', core: a, el };
    case 'stream':
      return { kind: 'stream', stream: a };
  }
}

/** A hexadecimal number, with or without 0x; null if it is none, or has more than 64 bits. */
function addressIn(text: string): bigint | null {
  const digits = text.trim().replace(/^0x/i, '').replaceAll('_', '');
  return /^[0-9a-f]{1,16}$/i.test(digits) ? BigInt(`0x${digits}`) : null;
}
