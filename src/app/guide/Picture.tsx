import { useStore } from 'zustand';
import type { DomainInfo } from '../../session/api/hypervisor.ts';
import { useGuide } from '../i18n/guide.ts';
import { DomainSwatch } from '../lab/DomainSwatch.tsx';
import { useDomains, usePools, useXen, useXenLab } from '../lab/lab.ts';
import { formatShare } from '../machine/text/format.ts';
import { domainColour, domainCss } from '../xen/palette.ts';
import type { Use } from '../xen/shares.ts';
import { Term } from './Term.tsx';
import './picture.css';

/** The machine from the guests above to the cores below, as it was used in the last second of virtual time. */
export function Picture() {
  const g = useGuide();
  const domains = useDomains((domains) => domains);
  const uses = useStore(useXenLab().machine.shares.store, (shares) => shares.uses);
  const cpus = useXen(({ status }) => status?.machine.cpus ?? 0);
  if (domains.length === 0) return <p className="empty">{g('picture.empty')}</p>;
  return (
    <section className="picture" aria-label={g('picture.label')}>
      <h3>
        {g('picture.guests')} <Term word="el2">{g('picture.guestsWhere')}</Term>
      </h3>
      <ul className="boxes" style={{ gridTemplateColumns: columns(domains.length) }}>
        {domains.map((domain) => (
          <Guest key={domain.id} domain={domain} uses={uses} />
        ))}
      </ul>
      <div className="between">
        <Lines domains={domains} uses={uses} cpus={cpus} />
        <Xen />
      </div>
      <h3>{g('picture.cores')}</h3>
      <ul className="boxes" style={{ gridTemplateColumns: columns(cpus) }}>
        {Array.from({ length: cpus }, (_, pcpu) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a pCPU is its number
          <Core key={pcpu} pcpu={pcpu} domains={domains} uses={uses.filter((use) => use.pcpu === pcpu)} />
        ))}
      </ul>
    </section>
  );
}

const columns = (count: number): string => `repeat(${count}, minmax(72px, 1fr))`;

/** The pCPUs that a vCPU ran on, the most used one first. */
const placesOf = (uses: readonly Use[], domain: number, vcpu: number): readonly Use[] =>
  uses.filter((use) => use.domain === domain && use.vcpu === vcpu).sort((a, b) => b.share - a.share);

function Guest({
  domain: { id, name, letters, vcpus },
  uses,
}: {
  readonly domain: DomainInfo;
  readonly uses: readonly Use[];
}) {
  const g = useGuide();
  return (
    <li>
      <b>
        <DomainSwatch domain={name} /> {name}
      </b>
      {id === 0 && <small>{g('picture.dom0')}</small>}
      {letters.includes('c') && <small className="fault">c</small>}
      {vcpus.map((vcpu) => {
        const places = placesOf(uses, id, vcpu.id);
        return (
          <small key={vcpu.id}>
            vCPU {vcpu.id}{' '}
            {places.length > 0
              ? g('picture.on', { cores: places.map(({ pcpu }) => pcpu).join(', ') })
              : g('picture.nowhere')}
          </small>
        );
      })}
    </li>
  );
}

/** Xen, between the domains and the cores. */
function Xen() {
  const g = useGuide();
  const pools = usePools();
  const scheduler = pools
    .map((pool) => (pools.length > 1 ? `${pool.scheduler} (${pool.name})` : pool.scheduler))
    .join(', ');
  const share = useStore(useXenLab().machine.shares.store, (shares) => formatShare(shares.xen));
  return (
    <p className="xen">
      <b>{g('picture.xen')}</b> <Term word="el2">EL2</Term> · {g('picture.scheduler', { scheduler })} ·{' '}
      {g('picture.xenShare', { share })}
    </p>
  );
}

interface CoreProps {
  readonly pcpu: number;
  readonly domains: readonly DomainInfo[];
  readonly uses: readonly Use[];
}

/** A core, with a bar of who used it. */
function Core({ pcpu, domains, uses }: CoreProps) {
  const g = useGuide();
  const find = (id: number) => domains.find((domain) => domain.id === id);
  const pools = usePools();
  const pool = pools.length > 1 ? pools.find(({ pcpus }) => pcpus.includes(pcpu)) : undefined;
  const users = uses.toSorted((a, b) => b.share - a.share);
  return (
    <li>
      <b>pCPU {pcpu}</b>
      {pool && <small className="name">{pool.name}</small>}
      <span className="use" aria-hidden="true">
        {users.map(({ domain, vcpu, share }) => (
          <span
            key={`${domain} ${vcpu}`}
            style={{ width: `${share}%`, background: domainCss(find(domain)?.colour ?? 0) }}
          />
        ))}
      </span>
      {users.length === 0 && <small>{g('picture.idle')}</small>}
      {users.map(({ domain, vcpu, share }) => (
        <small key={`${domain} ${vcpu}`}>
          <span className="name">{find(domain)?.name ?? domain}</span>{' '}
          <span className="share">{formatShare(share)}</span>
        </small>
      ))}
    </li>
  );
}

interface LinesProps {
  readonly domains: readonly DomainInfo[];
  readonly uses: readonly Use[];
  readonly cpus: number;
}

/** From each domain to the cores that it ran on, thicker for more; dashed to those that it is bound to. */
function Lines({ domains, uses, cpus }: LinesProps) {
  const x = (index: number, of: number): number => ((index + 0.5) / of) * 100;
  const cores = Array.from({ length: cpus }, (_, pcpu) => pcpu);
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {domains.map((domain, index) => (
        <g key={domain.id} stroke={domainColour(domain.colour)}>
          {cores.map((pcpu) => {
            const share = usedOf(uses, domain.id, pcpu);
            if (share <= 0 && !isBoundTo(domain, pcpu, cpus)) return null;
            return (
              <line
                key={pcpu}
                x1={x(index, domains.length)}
                y1="0"
                x2={x(pcpu, cpus)}
                y2="100"
                strokeWidth={1 + share / 20}
                strokeDasharray={share > 0 ? undefined : '3 3'}
              />
            );
          })}
        </g>
      ))}
    </svg>
  );
}

/** Per cent of a pCPU that a domain used. */
const usedOf = (uses: readonly Use[], domain: number, pcpu: number): number =>
  uses.reduce((sum, use) => (use.domain === domain && use.pcpu === pcpu ? sum + use.share : sum), 0);

/** Whether a domain may run on some cores only, this one among them. */
const isBoundTo = ({ vcpus }: DomainInfo, pcpu: number, cpus: number): boolean =>
  vcpus.some(({ hardAffinity }) => hardAffinity.length < cpus && hardAffinity.includes(pcpu));
