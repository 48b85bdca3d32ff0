import { type BootSummary, type MachineOptions, maxMemoryMiB, type NamedFile } from '../../../session/api/boot.ts';
import type { ConsoleId } from '../../../session/api/console.ts';
import type { Translate } from '../../i18n/translate.ts';
import type { Keeping } from '../../storage/keeping.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import type { ControlView } from '../connection.ts';
import { ConsoleFeed } from '../consoleFeed.ts';
import { MachineControl, unknownMachine } from '../control.ts';
import {
  alone,
  builtInGuests,
  fetchedGuests,
  type Guest,
  type GuestSet,
  helloElfGuest,
  type UserGuest,
} from '../guests.ts';
import { roleOf } from '../role.ts';
import { fetchGuest, reasonOf, Unreadable } from '../unreadable.ts';
import { CardSlot } from './cardSlot.ts';
import { type ForeignFile, KeptFiles } from './keptFiles.ts';
import { type Milestone, Milestones } from './milestones.ts';

/** What the page knows of a board and the software on it. */
export interface BoardView extends ControlView {
  /** What was booted, and what the loader did with it. */
  readonly booted: { readonly set: GuestSet; readonly summary: BootSummary } | null;
  /** The file that is being read for a boot. */
  readonly reading: string | null;
  /** The stages of a Linux boot; empty for other software. */
  readonly milestones: readonly Milestone[];
  readonly guests: readonly Guest[];
  /** What the form boots next. */
  readonly chosen: GuestSet;
  /** Files of the user's of which another tab has another version. */
  readonly conflicts: readonly ForeignFile[];
}

/** What the next page is to know of a board that goes on there. */
export interface AboutBoard {
  /** The user's file that is the card in the slot. */
  readonly card: string | null;
}

/** Whether it is Linux as `npm run images` has fetched it. */
const isFetched = ({ kernel, initrd, deviceTree, append }: GuestSet): boolean =>
  [kernel, initrd, deviceTree].every((guest) => guest?.origin === 'fetched') && append === '';

/** What `make` gives; its error is a sentence about the card for the user. */
function unlessWrong<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Unreadable(`${name} ${reasonOf(error)}.`);
  }
}

/** Whether two files have the same bytes. */
const sameContents = async (one: Blob, other: Blob): Promise<boolean> =>
  one.size === other.size &&
  sameBytes(new Uint8Array(await one.arrayBuffer()), new Uint8Array(await other.arrayBuffer()));

/** The page's board: passes the user's requests to the worker, and keeps a view of the machine for the panels. */
export class BoardMachine extends MachineControl<BoardView> {
  readonly #translate: () => Translate;
  readonly #next: () => MachineOptions;
  readonly #kept: KeptFiles;
  readonly card = new CardSlot(this, (card) => this.#keep(card));

  /** @param next the machine that a restart builds */
  constructor(spawn: () => Worker, translate: () => Translate, keeping: Keeping, next: () => MachineOptions) {
    super(spawn, {
      ...unknownMachine,
      booted: null,
      guests: builtInGuests,
      chosen: alone(helloElfGuest),
      reading: null,
      milestones: [],
      conflicts: [],
    });
    this.#translate = translate;
    this.#next = next;
    this.#kept = new KeptFiles(keeping, (file) => void this.#compare(file));
    this.#followBoot();
    this.card.store.subscribe(({ card }, before) => {
      if (card?.name !== before.card?.name) void this.keepMachine();
    });
    void this.#list(fetchedGuests());
    void this.#list(this.#kept.all());
  }

  protected override readonly keptKind = 'board';

  protected override about(): AboutBoard {
    return { card: this.card.store.getState().card?.name ?? null };
  }

  /** The machine has gone on with a card in its slot that is a file of the user's. */
  async adoptCard(name: string): Promise<void> {
    const card = (await this.#kept.all()).find((guest) => guest.role === 'card' && guest.name === name);
    if (card) this.card.store.setState({ card, readAt: null });
  }

  protected override readonly ofNoMachine = { booted: null };

  protected override get ofThisMachine(): Partial<BoardView> {
    const { booted, core } = this.store.getState();
    return { booted, core };
  }

  /**
   * Boots software on a new machine and lets it run. If it cannot be loaded, the current machine goes on. A crashed
   * worker is replaced. With `isPowerOn` it boots, also where its prompt has been prepared.
   */
  async boot(set: GuestSet, machine: MachineOptions, isPowerOn = false): Promise<void> {
    this.refuse(null);
    await this.replace(async (client) => {
      const { kernel, initrd, deviceTree, append } = set;
      // The machine from before may have written to the card.
      await this.card.read();
      const card = await this.card.image();
      // Linux that is at its shell has no card.
      const ready =
        card || isPowerOn || !isFetched(set)
          ? null
          : await (await import('../prepared.ts')).openPrepared(client, 'linux.snap', { machine });
      if (ready?.summary) return { booted: { set, summary: ready.summary }, core: 0 };
      const summary = await client.boot({
        kernel: await this.#read(kernel),
        ...(initrd && { initrd: await this.#read(initrd) }),
        ...(deviceTree && { deviceTree: await this.#read(deviceTree) }),
        ...(append !== '' && { bootArguments: append }),
        machine,
      });
      if (card) await client.ask('insertCard', { card });
      return { booted: { set, summary }, core: 0 };
    });
  }

  /** Boots the same software on the same machine again. */
  override async reset(): Promise<void> {
    const { booted, status, opened } = this.store.getState();
    if (opened && opened.by !== 'kept') await this.resetOpened();
    else if (booted && status) await this.boot(booted.set, status.machine, true);
  }

  /** Chooses what the form boots next. */
  choose(part: Partial<GuestSet>): void {
    this.store.setState(({ chosen }) => ({ chosen: { ...chosen, ...part } }));
  }

  /**
   * Takes files of the user's, which the browser keeps in place of files of the same names. A kernel alone is booted
   * without other files. Otherwise the files are chosen for the next boot, which starts if there is a kernel among
   * them. The image of a card goes into the SD slot.
   */
  async open(files: readonly File[], machine: MachineOptions): Promise<void> {
    const guests = await Promise.all(
      files.map(
        async (file): Promise<UserGuest> => ({ origin: 'user', role: await roleOf(file), name: file.name, file }),
      ),
    );
    const kernel = guests.find((guest) => guest.role === 'kernel');
    const others = guests.filter((guest) => guest !== kernel);
    for (const guest of others) {
      await this.#keep(guest);
      if (guest.role === 'card') await this.card.insert(guest);
      else this.choose({ [guest.role]: guest });
    }
    if (!kernel) return;
    const hasParts = others.some(({ role }) => role !== 'card');
    if (hasParts) this.choose({ kernel });
    const set = hasParts ? this.store.getState().chosen : alone(kernel);
    await this.boot(set, machine);
    if (this.store.getState().booted?.set === set) await this.#keep(kernel);
  }

  /** Removes a file of the user's, also from the browser. Returns what brings it back. */
  async remove(guest: UserGuest): Promise<() => Promise<void>> {
    const { chosen } = this.store.getState();
    this.#unlist(guest);
    await this.#kept.remove(guest.name);
    return async () => {
      this.choose(chosen);
      await this.#keep(guest);
    };
  }

  /** Makes a card with these files in a FAT partition, and puts it into the SD slot in place of another. */
  async makeCard(name: string, size: number, files: readonly File[]): Promise<void> {
    await this.request(async () => {
      const { makeCard } = await import('./cardImage.ts');
      const contents = await Promise.all(
        files.map(async (file) => ({ path: `/${file.name}`, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const card: UserGuest = {
        origin: 'user',
        role: 'card',
        name,
        size,
        file: new Blob([unlessWrong(name, () => makeCard(size, contents)) as BlobPart]),
      };
      await this.#keep(card);
      await this.card.insert(card);
    });
  }

  /** This tab's version of a file counts. */
  async keepMine(conflict: ForeignFile): Promise<void> {
    this.#settle(conflict);
    const mine = this.#userGuest(conflict.name);
    if (mine) await this.#kept.keep(mine);
  }

  /** The other tab's version of a file counts. Returns what brings this tab's back. */
  takeTheirs(conflict: ForeignFile): () => Promise<void> {
    this.#settle(conflict);
    const { chosen } = this.store.getState();
    const { name, theirs } = conflict;
    const mine = this.#userGuest(name);
    if (theirs) this.#show(theirs);
    else if (mine) this.#unlist(mine);
    return async () => {
      this.choose(chosen);
      if (mine) await this.#keep(mine);
    };
  }

  /** Types on a console. */
  async input(console: ConsoleId, bytes: Uint8Array): Promise<void> {
    await this.request(() => this.ask('input', { console, bytes }));
  }

  protected override async startAgain(): Promise<void> {
    await this.boot(this.store.getState().booted?.set ?? alone(helloElfGuest), this.#next());
  }

  /** Adds guests to the list once they are known. */
  async #list(found: Promise<readonly Guest[]>): Promise<void> {
    try {
      const more = await found;
      this.store.setState(({ guests }) => ({ guests: [...guests.filter((guest) => !more.includes(guest)), ...more] }));
    } catch (error) {
      console.warn('Some files are not listed:', error);
    }
  }

  /** Lists a file of the user's and has the browser keep it. */
  async #keep(guest: UserGuest): Promise<void> {
    this.#show(guest);
    await this.#kept.keep(guest);
  }

  /** Lists a file of the user's in place of one of its name, which may be chosen. */
  #show(guest: UserGuest): void {
    const before = this.#userGuest(guest.name);
    this.store.setState(({ guests, chosen }) => ({
      guests: [...guests.filter((other) => other !== before), guest],
      chosen:
        before && guest.role !== 'card' && chosen[guest.role] === before ? { ...chosen, [guest.role]: guest } : chosen,
    }));
  }

  #unlist(guest: UserGuest): void {
    this.store.setState(({ guests, chosen }) => ({
      guests: guests.filter((other) => other !== guest),
      chosen: {
        ...chosen,
        kernel: chosen.kernel === guest ? helloElfGuest : chosen.kernel,
        initrd: chosen.initrd === guest ? null : chosen.initrd,
        deviceTree: chosen.deviceTree === guest ? null : chosen.deviceTree,
      },
    }));
  }

  #userGuest(name: string): UserGuest | undefined {
    return this.store
      .getState()
      .guests.find((guest): guest is UserGuest => guest.origin === 'user' && guest.name === name);
  }

  /** Another tab has changed a file: one that is new here is listed, and of another version the user decides. */
  async #compare(conflict: ForeignFile): Promise<void> {
    const { name, theirs } = conflict;
    const mine = this.#userGuest(name);
    if (!mine || (theirs && (await sameContents(mine.file, theirs.file)))) {
      this.#settle(conflict);
      if (!mine && theirs) this.#show(theirs);
    } else
      this.store.setState(({ conflicts }) => ({
        conflicts: [...conflicts.filter((other) => other.name !== name), conflict],
      }));
  }

  /** There is one version of a file again. */
  #settle({ name, accept }: ForeignFile): void {
    accept();
    this.store.setState(({ conflicts }) => ({ conflicts: conflicts.filter((other) => other.name !== name) }));
  }

  /** Looks for the milestones of a boot in the console's output. */
  #followBoot(): void {
    let milestones = new Milestones();
    let resets = 0;
    const begin = (): void => {
      milestones = new Milestones();
      this.store.setState({ milestones: [] });
    };
    const feed = new ConsoleFeed(this, {
      write: async (bytes) => {
        if (milestones.push(bytes, this.status?.virtualNs ?? 0)) this.store.setState({ milestones: milestones.all() });
      },
      lost: () => {},
      clear: begin,
    });
    this.store.subscribe(({ status }) => {
      const count = status?.resets.count ?? 0;
      if (count !== resets) {
        resets = count;
        begin();
      }
      void feed.pull();
    });
  }

  async #read(guest: Guest): Promise<NamedFile> {
    this.store.setState({ reading: guest.name });
    try {
      return { name: guest.name, bytes: await this.#bytesOf(guest) };
    } finally {
      this.store.setState({ reading: null });
    }
  }

  async #bytesOf(guest: Guest): Promise<Uint8Array> {
    const translate = this.#translate();
    const { name } = guest;
    if (guest.origin === 'user') {
      const size = Math.ceil(guest.file.size / 2 ** 20);
      if (size > maxMemoryMiB) throw new Unreadable(translate('refusal.tooLarge', { name, size, limit: maxMemoryMiB }));
      try {
        return new Uint8Array(await guest.file.arrayBuffer());
      } catch (error) {
        throw new Unreadable(translate('refusal.unreadable', { name, reason: reasonOf(error) }));
      }
    }
    const bytes = await fetchGuest(name, guest.url, translate);
    if (guest.overlay === undefined) return bytes;
    // Linux unpacks archives that follow each other, each over those before it.
    const overlay = await fetchGuest(name, guest.overlay, translate);
    const both = new Uint8Array(bytes.length + overlay.length);
    both.set(bytes);
    both.set(overlay, bytes.length);
    return both;
  }
}
