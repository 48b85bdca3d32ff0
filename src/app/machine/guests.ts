import * as z from 'zod/mini';
import helloElf from '../../../guests/build/hello.elf?url';
import helloImage from '../../../guests/build/hello.img?url';
import primesElf from '../../../guests/build/primes.elf?url';

/** What a file is for: software to start, or data that goes to memory with it. */
export type Role = 'kernel' | 'initrd' | 'deviceTree';
/** What a file of the user's may be for besides: the card in the SD slot. */
export type UserRole = Role | 'card';

/**
 * A file to boot: it comes with the page, `npm run images` fetched it, or it is the user's and the browser keeps it.
 */
export type Guest =
  | {
      readonly origin: 'built-in' | 'fetched';
      readonly role: Role;
      readonly name: string;
      readonly url: string;
      /** Of an initial RAM disk: an archive that is laid over it. */
      readonly overlay?: string | undefined;
    }
  | UserGuest;

export interface UserGuest {
  readonly origin: 'user';
  readonly role: UserRole;
  readonly name: string;
  readonly file: Blob;
  /** Of a card: its size in bytes, if zeros follow the file. */
  readonly size?: number | undefined;
}

/** The files of one boot. */
export interface GuestSet {
  readonly kernel: Guest;
  readonly initrd: Guest | null;
  readonly deviceTree: Guest | null;
  /** The kernel's command line; empty for the one in the device tree. */
  readonly append: string;
}

/** A kernel without other files: bare-metal software. */
export const alone = (kernel: Guest): GuestSet => ({ kernel, initrd: null, deviceTree: null, append: '' });

const builtIn = (name: string, url: string): Guest => ({ origin: 'built-in', role: 'kernel', name, url });

export const helloElfGuest = builtIn('hello.elf', helloElf);
export const helloImageGuest = builtIn('hello.img', helloImage);

export const builtInGuests: readonly Guest[] = [helloElfGuest, helloImageGuest, builtIn('primes.elf', primesElf)];

/** The files of scripts/images.mjs that the board can boot. */
const fetchedRoles: Readonly<Record<string, Role>> = {
  Image: 'kernel',
  'initrd.gz': 'initrd',
  'zcu102.dtb': 'deviceTree',
};

/** The kernel's modules, which are laid over the fetched initial RAM disk. */
const modules = 'modules.gz';

const manifestSchema = z.array(z.object({ name: z.string(), size: z.number(), version: z.optional(z.string()) }));

/** The addresses of the fetched files on the page's server, by their names; none on a plain static host. */
export async function fetchedImages(): Promise<ReadonlyMap<string, string>> {
  const response = await fetch('./images/manifest.json');
  const listed = manifestSchema.safeParse(response.ok ? await response.json() : []);
  return new Map(
    (listed.data ?? []).map(({ name, version }) => {
      // An address with a version always gives the same bytes: the browser's cache has them after the first time.
      return [name, `./images/${name}${version === undefined ? '' : `?${version}`}`];
    }),
  );
}

/** Those that the board can boot. */
export async function fetchedGuests(): Promise<Guest[]> {
  const urls = await fetchedImages();
  return [...urls].flatMap(([name, url]): Guest[] => {
    const role = fetchedRoles[name];
    if (!role) return [];
    return [{ origin: 'fetched', role, name, url, ...(role === 'initrd' && { overlay: urls.get(modules) }) }];
  });
}

/** Debian's Linux with the stock device tree; null if not all of it was fetched. */
export function linuxOf(guests: readonly Guest[]): GuestSet | null {
  const fetched = (role: Role): Guest | undefined => guests.find((g) => g.origin === 'fetched' && g.role === role);
  const [kernel, initrd, deviceTree] = [fetched('kernel'), fetched('initrd'), fetched('deviceTree')];
  return kernel && initrd && deviceTree ? { kernel, initrd, deviceTree, append: '' } : null;
}
