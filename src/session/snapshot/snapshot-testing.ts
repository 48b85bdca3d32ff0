/** Sessions, and snapshots of them as files. */
import type { Result } from '../../base/result.ts';
import type { Recipe } from '../api/boot.ts';
import { Session } from '../session.ts';
import { fromFile, toFile } from './file.ts';

export const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

export function newSession(): Session {
  let wall = 0;
  return new Session(() => wall++);
}

export function started(recipe: Recipe): Session {
  const session = newSession();
  value(recipe.kind === 'kernel' ? session.boot(recipe.request) : session.startXen(recipe.request));
  return session;
}

export const joined = (pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces);

/** A snapshot of a session, as a file. */
export const saved = async (session: Session): Promise<Uint8Array> => joined(await toFile(value(session.save())));

/** A session that goes on from such a file; where that has no state, the journal has been played. */
export async function resumed(file: Uint8Array): Promise<Session> {
  const session = newSession();
  value(session.restore(value(await fromFile('a.snap', file))));
  if (!session.replays) return session;
  session.run();
  while (session.replays) session.advance(1000);
  return session;
}

/** Runs so many slices, fewer if the machine stops before. */
export function slices(session: Session, count: number): void {
  session.run();
  for (let i = 0; i < count && session.state === 'running'; i++) session.advance(0);
  session.pause();
}
