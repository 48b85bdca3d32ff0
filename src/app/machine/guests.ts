import * as z from 'zod/mini';
import helloElf from '../../../guests/build/hello.elf?url';
import helloImage from '../../../guests/build/hello.img?url';
import primesElf from '../../../guests/build/primes.elf?url';

/** What a file is to the machine: software to start, or what goes to memory with it. */
export type Role = 'kernel' | 'initrd' | 'deviceTree';

/** A file to boot: one that comes with the page, one that `npm run images` fetched, or one of the user's, which the browser keeps. */
export type Guest =
  | { readonly origin: 'built-in' | 'fetched'; readonly role: Role; readonly name: string; readonly url: string }
  | { readonly origin: 'user'; readonly role: Role; readonly name: string; readonly file: Blob };

/** Files that are booted together. */
export interface GuestSet {
  readonly kernel: Guest;
  readonly initrd: Guest | null;
  readonly deviceTree: Guest | null;
  /** The kernel's command line; empty: as the tree has it. */
  readonly append: string;
}

/** A kernel and nothing else: bare-metal software. */
export const alone = (kernel: Guest): GuestSet => ({ kernel, initrd: null, deviceTree: null, append: '' });

const builtIn = (name: string, url: string): Guest => ({ origin: 'built-in', role: 'kernel', name, url });

export const helloElfGuest = builtIn('hello.elf', helloElf);
export const helloImageGuest = builtIn('hello.img', helloImage);

export const builtInGuests: readonly Guest[] = [helloElfGuest, helloImageGuest, builtIn('primes.elf', primesElf)];

/** What scripts/images.mjs fetches that the board can boot. */
const fetchedRoles: Readonly<Record<string, Role>> = {
  Image: 'kernel',
  'initrd.gz': 'initrd',
  'zcu102.dtb': 'deviceTree',
};

const manifestSchema = z.array(z.object({ name: z.string(), size: z.number() }));

/** The fetched files that the page's server has; none where that is a plain host. */
export async function fetchedGuests(): Promise<Guest[]> {
  const response = await fetch('./images/manifest.json');
  const listed = manifestSchema.safeParse(response.ok ? await response.json() : []);
  return (listed.data ?? []).flatMap(({ name }): Guest[] => {
    const role = fetchedRoles[name];
    return role ? [{ origin: 'fetched', role, name, url: `./images/${name}` }] : [];
  });
}

/** Debian's Linux with the stock device tree, if all of it was fetched. */
export function linuxOf(guests: readonly Guest[]): GuestSet | null {
  const fetched = (role: Role): Guest | undefined => guests.find((g) => g.origin === 'fetched' && g.role === role);
  const [kernel, initrd, deviceTree] = [fetched('kernel'), fetched('initrd'), fetched('deviceTree')];
  return kernel && initrd && deviceTree ? { kernel, initrd, deviceTree, append: '' } : null;
}
