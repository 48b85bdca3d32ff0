/** Terminal columns of a text: East Asian wide characters take two (Unicode TR 11), combining characters none. */
export const widthOf = (text: string): number => {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
};

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const characterWidth = (character: string): number => (/\p{M}/u.test(character) ? 0 : wide.test(character) ? 2 : 1);
