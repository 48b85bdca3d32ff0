import helloElf from '../../../guests/build/hello.elf?url';
import helloImage from '../../../guests/build/hello.img?url';
import primesElf from '../../../guests/build/primes.elf?url';

/** A file to boot: one that comes with the page, or one of the user's, which the page keeps while it is open. */
export type Guest =
  | { readonly origin: 'built-in'; readonly name: string; readonly url: string }
  | { readonly origin: 'user'; readonly name: string; readonly file: File };

export const helloElfGuest: Guest = { origin: 'built-in', name: 'hello.elf', url: helloElf };
export const helloImageGuest: Guest = { origin: 'built-in', name: 'hello.img', url: helloImage };

export const builtInGuests: readonly Guest[] = [
  helloElfGuest,
  helloImageGuest,
  { origin: 'built-in', name: 'primes.elf', url: primesElf },
];
