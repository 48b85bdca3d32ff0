let key = false;

window.addEventListener(
  'keydown',
  () => {
    key = true;
  },
  { capture: true },
);
window.addEventListener(
  'pointerdown',
  () => {
    key = false;
  },
  { capture: true },
);

/** Whether the user's last input was a key, and not the pointer. */
export const wasKey = (): boolean => key;
