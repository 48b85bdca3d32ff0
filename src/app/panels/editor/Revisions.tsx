import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { FileHistory, FileRevision } from '../../../dom0/git/revisions.ts';
import { useGuide } from '../../i18n/guide.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { download, pickFiles } from '../../lab/files/browserFiles.ts';
import { useDomains, useXenLab } from '../../lab/lab.ts';
import { runInDom0 } from '../../lab/xenActions.ts';
import { Empty } from '../../widgets/Empty.tsx';
import { Loaded } from '../../widgets/Loaded.tsx';
import { editedPath, revisionDiff } from './panel.ts';
import './revisions.css';

/** The revisions of the file that is edited, which of them runs in which domain, and what can be done with them. */
export default function Revisions() {
  const g = useGuide();
  const lab = useXenLab();
  const { machine, dock } = lab;
  const path = useStore(dock.store, () => editedPath(dock));
  const history = useHistory(path);
  const [shown, setShown] = useState<FileRevision | null>(null);
  if (path === null) return <Empty text={g('revisions.noFile')} />;
  if (!history) return null;
  const { revisions } = history;

  const restore = ({ id }: FileRevision) => {
    setShown(null);
    // The user sees in Domain-0 how that is done.
    void runInDom0(lab, ['git', '-C', '/etc/xen', 'checkout', id.slice(0, 7), '--', path.replace('/etc/xen/', '')]);
  };
  const saveBundle = async () => {
    const bundle = await machine.look('revisionBundle');
    // It is no SharedArrayBuffer, which the type does not say.
    if (bundle) download('xen.bundle', [bundle as BlobPart]);
  };
  const git = (...words: readonly string[]) => void runInDom0(lab, ['git', '-C', '/etc/xen', ...words]);
  const takeBundle = async () => {
    const [file] = revisions.length > 0 ? await pickFiles() : [];
    if (!file) return;
    const to = `/root/${file.name}`;
    if (await machine.files.write(to, new Uint8Array(await file.arrayBuffer())))
      git('fetch', to, '+refs/heads/*:refs/heads/bundle/*');
  };
  return (
    <div className="revisions">
      <div className="bar" role="toolbar" aria-label={g('revisions.bar')}>
        <span className="mono">{path}</span>
        {history.branches.length > 0 && <Branches history={history} git={git} />}
        <button
          type="button"
          className="quiet"
          title={g('revisions.bundleHow')}
          aria-disabled={revisions.length === 0}
          onClick={() => void saveBundle()}
        >
          {g('revisions.bundle')}
        </button>
        <button
          type="button"
          className="quiet"
          title={g('revisions.importHow')}
          aria-disabled={revisions.length === 0}
          onClick={() => void takeBundle()}
        >
          {g('revisions.import')}
        </button>
      </div>
      <Running history={history} show={(id) => setShown(revisions.find((each) => each.id === id) ?? null)} />
      {revisions.length === 0 ? (
        <Empty text={g(path.startsWith('/etc/xen/') ? 'revisions.none' : 'revisions.elsewhere')} />
      ) : (
        <table aria-label={g('revisions.table', { path })}>
          <tbody>
            {revisions.map((revision) => (
              <tr key={revision.id}>
                <td className="mono">{revision.id.slice(0, 7)}</td>
                <td className="figure muted">{timeText(revision.time)}</td>
                <td className="message">{revision.message.split('\n')[0]}</td>
                <td>
                  <button type="button" className="quiet" onClick={() => setShown(revision)}>
                    {g('revisions.diff')}
                  </button>
                  {revision.blob !== null && (
                    <button type="button" className="quiet" onClick={() => restore(revision)}>
                      {g('revisions.restore')}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown && (
        <Loaded
          deferred={revisionDiff}
          properties={{
            path,
            id: shown.id,
            message: shown.message,
            restore: () => restore(shown),
            close: () => setShown(null),
          }}
        />
      )}
    </div>
  );
}

interface BranchesProps {
  readonly history: FileHistory;
  /** Runs git in Domain-0. */
  readonly git: (...words: readonly string[]) => void;
}

/** Goes to another branch, or makes one that begins where the files are. */
function Branches({ history: { branch, branches }, git }: BranchesProps) {
  const g = useGuide();
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState('');
  const wanted = name.trim();
  return (
    <form
      className="branches"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== '') git('switch', '-c', wanted);
        else if (chosen !== null) git('switch', chosen);
        setName('');
        setChosen(null);
      }}
    >
      <select
        aria-label={g('revisions.branch')}
        value={chosen ?? branch ?? ''}
        onChange={(event) => setChosen(event.target.value)}
      >
        {branch === null && <option value="">{g('revisions.noBranch')}</option>}
        {branches.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <input
        type="text"
        aria-label={g('revisions.newBranch')}
        placeholder={g('revisions.newBranch')}
        spellCheck={false}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {(wanted !== '' || (chosen !== null && chosen !== branch)) && (
        <button type="submit" className="quiet">
          {g(wanted === '' ? 'revisions.switch' : 'revisions.makeBranch')}
        </button>
      )}
    </form>
  );
}

interface RunningProps {
  readonly history: FileHistory;
  /** Shows what has changed since a revision. */
  readonly show: (id: string) => void;
}

/** The domains that were made from the file. */
function Running({ history, show }: RunningProps) {
  const g = useGuide();
  const domains = useDomains((all) => all);
  return history.running.map(({ domid, id, hasChanged }) => {
    const name = domains.find((domain) => domain.id === domid)?.name ?? String(domid);
    return (
      <p key={domid} className="running">
        <DomainSwatch domain={name} /> {name}{' '}
        {id === null ? g('revisions.runsOther') : g('revisions.runs', { id: id.slice(0, 7) })}
        {hasChanged && ` ${g('revisions.changed')}`}
        {hasChanged && id !== null && (
          <button type="button" className="quiet" onClick={() => show(id)}>
            {g('revisions.diff')}
          </button>
        )}
      </p>
    );
  });
}

/** The history of a file, followed while the panel is there: it changes with files and with domains. */
function useHistory(path: string | null): FileHistory | null {
  const { machine } = useXenLab();
  const [history, setHistory] = useState<FileHistory | null>(null);
  useEffect(() => {
    setHistory(null);
    if (path === null) return;
    let stale = false;
    let seen = '';
    const follow = () => {
      const { status, epoch } = machine.view;
      const now = `${epoch} ${status?.dom0?.files} ${status?.hypervisor?.domains}`;
      if (now === seen) return;
      seen = now;
      void machine.look('fileHistory', { path }).then((found) => stale || setHistory(found));
    };
    follow();
    const ends = machine.onChange(follow);
    return () => {
      stale = true;
      ends();
    };
  }, [machine, path]);
  return history;
}

/** Seconds of Domain-0's clock, which begins with the machine. */
function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}
