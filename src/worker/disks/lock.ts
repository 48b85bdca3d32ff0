/** A worker that has ended a moment ago may still have the lock. */
const patienceMs = 700;

/** Makes this worker the one that has what a name stands for; resolves to what ends that, or to null if another tab has it. */
export async function lock(name: string): Promise<(() => void) | null> {
  const patience = AbortSignal.timeout(patienceMs);
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { signal: patience }, () => new Promise<void>((unlock) => resolve(unlock)))
      .catch((error: unknown) => (patience.aborted ? resolve(null) : reject(error)));
  });
}
