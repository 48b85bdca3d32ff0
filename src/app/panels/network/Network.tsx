import type { CaptureInfo, NetworkInfo, PortInfo } from '../../../session/api/network.ts';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { download } from '../../lab/files/browserFiles.ts';
import { useDomains, useLab, useSettings } from '../../lab/lab.ts';
import { useNetwork } from '../../lab/useNetwork.ts';
import { formatSize } from '../../machine/text/format.ts';
import { Empty } from '../../widgets/Empty.tsx';
import './network.css';

/** Who is on the machine's networks, what passes the ports of their bridges, and captures of that. */
export default function Network() {
  const g = useGuide();
  const { network, look } = useNetwork();
  if (!network || network.ports.length === 0) return <Empty text={g('network.empty')} />;
  const { ports, captures } = network;
  const others = captures.filter(({ port }) => !ports.some(({ name }) => name === port));
  return (
    <div className="network figures">
      {ports
        .filter(({ kind }) => kind === 'host')
        .map(({ name, bridge, stations }) => (
          <p key={name}>
            {g('network.host', { bridge, name: stations[0]?.name ?? name, address: stations[0]?.address ?? '' })}
          </p>
        ))}
      <Ports ports={ports} captures={captures} look={look} />
      {others.map((capture) => (
        <p key={capture.port} className="capture">
          <span className="mono">{capture.port}</span> <span className="muted">{g('network.gone')}</span>
          <Capture port={capture.port} capture={capture} look={look} />
        </p>
      ))}
    </div>
  );
}

interface PortsProps extends NetworkInfo {
  /** Looks at the network at once. */
  readonly look: () => void;
}

function Ports({ ports, captures, look }: PortsProps) {
  const g = useGuide();
  return (
    <table aria-label={g('network.table')}>
      <thead>
        <tr>
          <th scope="col">{g('network.port')}</th>
          <th scope="col">{g('network.capture')}</th>
          <th scope="col">{g('network.station')}</th>
          <th scope="col" className="figure" title={g('network.fromHow')}>
            {g('network.from')}
          </th>
          <th scope="col" className="figure" title={g('network.toHow')}>
            {g('network.to')}
          </th>
          <th scope="col" className="figure" title={g('network.lostHow')}>
            {g('network.lost')}
          </th>
        </tr>
      </thead>
      <tbody>
        {ports.map((port) => (
          <tr key={`${port.bridge} ${port.name}`}>
            <th scope="row">
              <span className="mono">{port.name}</span>
              {port.name !== port.bridge && <span className="muted"> {g('network.on', { bridge: port.bridge })}</span>}
              <Owner port={port} />
            </th>
            {/* In a narrow panel it is in sight; figures are reached by scrolling. */}
            <td>
              <Capture port={port.name} capture={captures.find((capture) => capture.port === port.name)} look={look} />
            </td>
            <td>
              {port.stations.map(({ mac, address, name }) => (
                <div key={mac} title={name ?? undefined}>
                  <div className="mono">{mac}</div>
                  {address}
                </div>
              ))}
              {port.stations.length === 0 && '–'}
            </td>
            <Traffic frames={port.counters.receivedFrames} bytes={port.counters.receivedBytes} />
            <Traffic frames={port.counters.sentFrames} bytes={port.counters.sentBytes} />
            <td className="figure">{port.counters.sentDropped + port.counters.receivedErrors}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whose interface a port is. */
function Owner({ port: { kind, domain } }: { readonly port: PortInfo }) {
  const g = useGuide();
  if (domain !== null) return <DomainOwner id={domain} />;
  return kind === 'host' ? <div className="muted">{g('network.builtIn')}</div> : null;
}

function DomainOwner({ id }: { readonly id: number }) {
  const name = useDomains((domains) => domains.find((domain) => domain.id === id)?.name);
  if (name === undefined) return null;
  return (
    <div className="domain-name">
      <DomainSwatch domain={name} /> {name}
    </div>
  );
}

function Traffic({ frames, bytes }: { readonly frames: number; readonly bytes: number }) {
  const language = useSettings((settings) => settings.language);
  return (
    <td className="figure" title={`${bytes.toLocaleString(language)} B`}>
      {frames.toLocaleString(language)}
      <div className="muted">{formatSize(bytes)}</div>
    </td>
  );
}

interface CaptureProps {
  readonly port: string;
  readonly capture: CaptureInfo | undefined;
  readonly look: () => void;
}

/** Starts and ends the capture of a port, and gives its file to the user. */
function Capture({ port, capture, look }: CaptureProps) {
  const t = useTranslate();
  const g = useGuide();
  const { machine } = useLab();
  const ask = async (kind: 'startCapture' | 'stopCapture' | 'removeCapture') => {
    await machine.request(() => machine.ask(kind, { port }));
    look();
  };
  const save = async () => {
    const file = await machine.look('captureFile', { port });
    // The worker's arrays are no SharedArrayBuffers, which the type does not say.
    if (file) download(`${port}.pcap`, file as BlobPart);
  };
  if (!capture)
    return (
      <button
        type="button"
        className="quiet"
        aria-label={g('network.startOf', { port })}
        onClick={() => ask('startCapture')}
      >
        {g('network.start')}
      </button>
    );
  const { isRunning, frames, size, missed } = capture;
  return (
    <span className="capture">
      <span className="figure" title={missed > 0 ? g('network.missed', { count: missed }) : undefined}>
        {isRunning && <span className="recording" title={g('network.running')} aria-hidden="true" />}
        {g('network.captured', { count: frames, size: formatSize(size) })}
      </span>
      <br />
      <button
        type="button"
        className="quiet"
        aria-label={g(isRunning ? 'network.stopOf' : 'network.startOf', { port })}
        onClick={() => ask(isRunning ? 'stopCapture' : 'startCapture')}
      >
        {g(isRunning ? 'network.stop' : 'network.again')}
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={g('network.saveOf', { port })}
        title={g('network.saveHow')}
        onClick={() => void save()}
      >
        .pcap
      </button>
      {!isRunning && (
        <button
          type="button"
          className="quiet"
          aria-label={g('network.removeOf', { port })}
          onClick={() => ask('removeCapture')}
        >
          {t('files.remove')}
        </button>
      )}
    </span>
  );
}
