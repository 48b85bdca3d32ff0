import { assert } from '../../base/assert.ts';
import type { Language, Translate } from '../i18n/translate.ts';
import { isTyped, type KeyBinding, type KeyPress, matches } from './keys.ts';

/** Where a command stands in the menus; one that only the palette offers has none. */
export type Menu = 'machine' | 'file' | 'view' | 'help';

/** Something the user can ask for: the menus, the palette, the buttons and the key bindings all come from these. */
export interface Command {
  readonly id: string;
  /** Its name, and, for the palette, what else it is found by. */
  readonly label: (translate: Translate) => string;
  readonly menu?: Menu;
  readonly keys?: readonly KeyBinding[];
  /** Whether it can be done now; always, when absent. */
  readonly predicate?: () => boolean;
  readonly perform: () => void;
}

/** The page's commands, in the order in which they are shown. */
export class CommandRegistry {
  #commands = new Map<string, Command>();

  /** Adds commands; an id or a key binding taken twice is a bug. */
  register(...commands: readonly Command[]): void {
    for (const command of commands) {
      assert(!this.#commands.has(command.id), `command ${command.id} is registered twice`);
      for (const key of command.keys ?? []) {
        const other = this.all().find((c) => c.keys?.includes(key));
        assert(!other, `${key} is bound to ${other?.id} and ${command.id}`);
      }
      this.#commands.set(command.id, command);
    }
  }

  all(): readonly Command[] {
    return [...this.#commands.values()];
  }

  get(id: string): Command {
    const command = this.#commands.get(id);
    assert(command, `no command ${id}`);
    return command;
  }

  /** Does the command, if it can be done now. */
  perform(id: string): void {
    const command = this.get(id);
    if (isEnabled(command)) command.perform();
  }

  /**
   * The command of a key press. While the focus is where text goes (`typing`), bindings that are a character belong to the text.
   */
  find(press: KeyPress, options: { readonly typing: boolean; readonly mac: boolean }): Command | undefined {
    return this.all().find((command) =>
      command.keys?.some((key) => !(options.typing && isTyped(key)) && matches(key, press, options.mac)),
    );
  }
}

export const isEnabled = (command: Command): boolean => command.predicate?.() ?? true;

/** What the palette finds a command by: its names in every language. */
export const searchTerms = (command: Command, translators: Readonly<Record<Language, Translate>>): string[] =>
  Object.values(translators).map((translate) => command.label(translate));
