import { assert } from '../../base/assert.ts';
import type { Translate } from '../i18n/translate.ts';
import { isEditors, isTyped, type KeyBinding, type KeyPress, matches } from './keys.ts';

/** The menu of a command; without one, only the palette offers it. */
export type Menu = 'machine' | 'file' | 'stories' | 'view' | 'help';

/** Something the user can ask for: menus, palette, buttons and key bindings all come from the commands. */
export interface Command {
  readonly id: string;
  /** Its name; the palette finds it by its names in all languages. */
  readonly label: (translate: Translate) => string;
  readonly menu?: Menu;
  readonly keys?: readonly KeyBinding[];
  /** Whether it can be done now; always, when absent. */
  readonly predicate?: () => boolean;
  /** What runs now ends by it: of the commands that the palette finds, it is a later one. */
  readonly endsSession?: true;
  readonly perform: () => void;
}

/** The page's commands, in the order in which they are shown. */
export class CommandRegistry {
  #commands = new Map<string, Command>();

  /** Adds commands; an id or a key binding taken twice is a bug. */
  register(...added: readonly Command[]): void {
    for (const command of added) {
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
    perform(this.get(id));
  }

  /**
   * The command of a key press. While the user types into a text field (`typing`), a single character is not a binding;
   * in an editor (`editing`), nor are the editor's own keys.
   */
  find(
    press: KeyPress,
    { typing, editing, mac }: { readonly typing: boolean; readonly editing: boolean; readonly mac: boolean },
  ): Command | undefined {
    const isFree = (key: KeyBinding): boolean => !(typing && isTyped(key)) && !(editing && isEditors(key));
    return this.all().find((command) => command.keys?.some((key) => isFree(key) && matches(key, press, mac)));
  }
}

/** Does a command, if it can be done now. */
export function perform(command: Command): void {
  if (isEnabled(command)) command.perform();
}

export const isEnabled = (command: Command): boolean => command.predicate?.() ?? true;
