import { useId, useState } from 'react';
import type { DomainDevice } from '../../../session/api/domain-details.ts';
import type { DomainInfo } from '../../../session/api/hypervisor.ts';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useDom0Files, useXenLab } from '../../lab/lab.ts';
import { useNetwork } from '../../lab/useNetwork.ts';
import { shellLine, typeInDom0 } from '../../lab/xenActions.ts';

/** A command that a click types into Domain-0's shell. */
function Command({ words, label }: { readonly words: readonly string[]; readonly label?: string }) {
  const t = useTranslate();
  const lab = useXenLab();
  const line = shellLine(words);
  return (
    <button
      type="button"
      className="command"
      title={label === undefined ? t('latency.types') : `${line} — ${t('latency.types')}`}
      onClick={() => void typeInDom0(lab, line)}
    >
      {label ?? line}
    </button>
  );
}

/** Where Domain-0 has disks for domains. */
const isDiskPath = (path: string): boolean => /^\/(?:dev\/vg|var\/lib\/xen\/images)\//.test(path);

/** The first of xvda to xvdz that a domain does not have. */
const freeDisk = (taken: readonly string[]): string =>
  Array.from({ length: 26 }, (_, n) => `xvd${String.fromCharCode(97 + n)}`).find((name) => !taken.includes(name)) ??
  'xvdz';

interface DisksProps {
  readonly domain: string;
  readonly disks: readonly DomainDevice[];
}

/** A domain's disks: which it has, and the commands that attach and detach them. */
export function Disks({ domain, disks }: DisksProps) {
  const g = useGuide();
  const id = useId();
  const paths = useDom0Files((files) => files).flatMap(({ path, isDirectory }) =>
    !isDirectory && isDiskPath(path) ? [path] : [],
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const [access, setAccess] = useState<'rw' | 'r'>('rw');
  const has = disks.map(({ text }) => {
    const [vdev = '', ...target] = text.split(' ');
    return { vdev, target: target.join(' ') };
  });
  const free = paths.filter((path) => !has.some(({ target }) => target === path));
  const target = chosen !== null && free.includes(chosen) ? chosen : free[0];
  return (
    <>
      {has.map(({ vdev, target }) => (
        <p key={vdev} className="attached">
          <span className="mono">
            {vdev} {target}
          </span>
          <Command words={['xl', 'block-detach', domain, vdev]} label={g('domain.detach')} />
        </p>
      ))}
      {target === undefined ? (
        <p className="muted">{g('domain.noDisk')}</p>
      ) : (
        <p className="attached">
          <label htmlFor={id}>{g('domain.attach')}</label>
          <select id={id} value={target} onChange={(event) => setChosen(event.target.value)}>
            {free.map((path) => (
              <option key={path}>{path}</option>
            ))}
          </select>
          <select
            aria-label={g('domain.access')}
            value={access}
            onChange={(event) => setAccess(event.target.value === 'r' ? 'r' : 'rw')}
          >
            <option value="rw">{g('domain.readWrite')}</option>
            <option value="r">{g('domain.readOnly')}</option>
          </select>
          <Command
            words={['xl', 'block-attach', domain, `${target},raw,${freeDisk(has.map(({ vdev }) => vdev))},${access}`]}
          />
        </p>
      )}
    </>
  );
}

/** A domain's network interfaces: which it has, and the commands that attach and detach them. */
export function Interfaces({ domain: { id, name } }: { readonly domain: DomainInfo }) {
  const g = useGuide();
  const { network } = useNetwork();
  if (!network) return null;
  const bridges = [...new Set(network.ports.map(({ bridge }) => bridge))];
  return (
    <>
      {network.ports
        .filter(({ domain }) => domain === id)
        .map((port) => (
          <p key={port.name} className="attached">
            <span>
              <span className="mono">{port.name}</span>{' '}
              <span className="muted">{g('network.on', { bridge: port.bridge })}</span>{' '}
              {port.stations.map(({ mac, address }) => `${mac} ${address ?? ''}`).join(', ')}
            </span>
            <Command
              words={['xl', 'network-detach', name, port.name.split('.').at(-1) ?? '0']}
              label={g('domain.detach')}
            />
          </p>
        ))}
      {bridges.map((bridge) => (
        <p key={bridge} className="attached">
          {g('domain.attachInterface')} <Command words={['xl', 'network-attach', name, `bridge=${bridge}`]} />
        </p>
      ))}
    </>
  );
}
